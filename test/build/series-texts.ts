/** Small files of series formats that no fixture shows, as their tools write them. */
export const SERIES_TEXTS: Readonly<Record<string, string>> = {
  'top.txt': `top - 10:00:00 up 3 days,  2:11,  1 user,  load average: 0.50
MiB Mem :  15944.1 total,    803.4 free,   6712.7 used,   8427.9 buff/cache

    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND
     41 app       20   0  123456   7890   9216 S   1.0   0.6   1:02.03 ruby
     42 app       20   0    1.5g   1.2g   9216 S   1.0   0.6   1:02.03 node
top - 10:00:05 up 3 days,  2:11,  1 user,  load average: 0.50
    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND
     41 app       20   0  123456   7894   9216 S   1.0   0.6   1:02.03 ruby
`,
  'docker.txt': `CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT     MEM %     NET I/O       PIDS
9db7aa4d986d   web       0.07%     7.5MiB / 1.944GiB     0.35%     1.2kB / 0B    5
9db7aa4d986d   web       0.07%     8.5MiB / 1.944GiB     0.35%     1.2kB / 0B    5
`,
  'docker.json': '{"MemUsage":"7.5MiB / 1GiB","Name":"web"}\n{"MemUsage":"8MiB / 1GiB","Name":"web"}\n',
  'sar.txt': `Linux 6.1.0 (web-01) 	11/22/26 	_x86_64_	(2 CPU)

11:50:01 PM kbmemfree   kbavail kbmemused  %memused
11:55:01 PM    803400   8894900   6712700     41.00
12:05:01 AM    803400   8894800   6712800     41.00
`,
  'sadf.json':
    '{"sysstat":{"hosts":[{"nodename":"w","statistics":[{"timestamp":{"date":"2026-11-23","time":"10:00:00","utc":1},"memory":{"memused":2000,"memused-percent":4.5}}]}]}}',
  'status.txt':
    '2026-11-23T10:00:00Z\nName:\truby\nPid:\t7\nVmSize:\t  80000 kB\nVmRSS:\t   5000 kB\nRssAnon:\t   4900 kB\n2026-11-23T10:00:05Z\nName:\truby\nPid:\t7\nVmRSS:\t   5004 kB\n',
  'statm.txt': '1795426942 20000 5000 900 1 0 4000 0\n1795426943 20000 5001 900 1 0 4000 0\n',
  'derailed.txt': 'Booting: production\nPID: 78675\n103.55078125\n178.45703125\n179.140625\n',
  'grafana.csv':
    '"Time","web-01","web-02"\n"2026-11-23 10:00:00","1.5 GiB","1.5 GB"\n"2026-11-23 10:00:30","1.6 GiB",\n',
  'influx.txt':
    'procstat,host=web\\ 01,process_name=ruby,pid=7 memory_rss=47898624i,status="ok, fine" 1795426942000000000\n',
  'otlp.json':
    '{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeMetrics":[{"metrics":[{"name":"process.memory.usage","unit":"By","sum":{"aggregationTemporality":2,"dataPoints":[{"timeUnixNano":"1795426942000000000","asInt":"47898624"}]}}]}]}]}',
}
