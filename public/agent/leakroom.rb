# frozen_string_literal: true

# Leakroom's agent inside a Ruby process (2.7 and later): one file, no gems, three threads.
#
#   require "/path/leakroom"          # or: ruby -r./leakroom app.rb, RUBYOPT=-r/path/leakroom
#   use Leakroom::Middleware          # optional, Rack: counts requests, samples what they allocate
#
# Reads LEAKROOM_URL and LEAKROOM_TOKEN; without a token it does nothing. LEAKROOM_PROCESS names the process,
# LEAKROOM_EVERY is the seconds between samples (5, at least 0.1), LEAKROOM_SNAPSHOTS=0 forbids heap dumps, LEAKROOM_SAMPLE is the share
# of requests whose allocations are counted (0.01, the most). Nothing here ever raises into the host. A heap dump, taken
# only when somebody in the room asks for it, holds the interpreter until it is written.
require "json"
require "net/http"
require "objspace"
require "securerandom"
require "socket"
require "tmpdir"
require "uri"
require "zlib"

module Leakroom
  VERSION = "1"
  # Lines kept while the room cannot be reached: half an hour of fourteen series every five seconds.
  MOST_LINES = 5_000
  CHUNK = 8 * 1024 * 1024
  # Bytes of a page of the heap. Before Ruby 3.1 it was not told, and always this.
  PAGE_BYTES = GC::INTERNAL_CONSTANTS[:HEAP_PAGE_SIZE] || 16_384
  # Samples may come faster than that; they are sent together.
  SPEAK_EVERY = 1.0
  SEND_EVERY = 2.0
  # The first sample waits this long for the first word, which tells the clock's difference.
  FIRST_WORD = 5.0
  # memsize_of_all walks the whole heap: it gets this share of the time, and never when it takes longer than that many
  # seconds. What the walk costs is its processor time: on a busy machine it is the machine that is slow.
  MEMSIZE_SHARE = 1.0 / 300
  MEMSIZE_MOST = 0.1

  class << self
    # Starts the threads of this process, once. Safe to call again, and after a fork.
    def start
      return if ENV["LEAKROOM_TOKEN"].to_s.empty?
      return if @pid == Process.pid

      # Two processes of one name would look like one that restarts all the time.
      suffix = @pid && (@fork ? "fork #{@fork}" : "pid #{Process.pid}")
      @pid = Process.pid
      @counters = nil if suffix
      @agent = Agent.new(suffix: suffix)
    rescue StandardError
      nil
    end

    # The counters of this process, for the middleware.
    def counters
      @counters ||= Counters.new
    end

    def before_fork
      @fork = @fork.to_i + 1
    end

    def after_fork
      start
    end
  end

  # What requests did since the process began. Added up under a lock of its own: cheap against a request.
  class Counters
    attr_reader :requests, :failures

    def initialize
      @lock = Mutex.new
      @requests = @failures = 0
      @sampled = @allocated = @retained = 0
    end

    def request(failed)
      @lock.synchronize do
        @requests += 1
        @failures += 1 if failed
      end
    end

    def sample(allocated, retained)
      @lock.synchronize do
        @sampled += 1
        @allocated += allocated
        @retained += retained
      end
    end

    # Means of the requests that were sampled since the last call, or nil.
    def take_samples
      @lock.synchronize do
        return nil if @sampled.zero?

        means = [@allocated.to_f / @sampled, @retained.to_f / @sampled]
        @sampled = @allocated = @retained = 0
        means
      end
    end
  end

  # Rack: counts requests and failures (status 500 and above, or raised). Of one request in a hundred at most it counts the
  # objects that were allocated, and how many of them were not freed by the end: without a collection in between that is
  # an upper bound, and threads beside it count, too.
  class Middleware
    def initialize(app)
      @app = app
      share = Float(ENV.fetch("LEAKROOM_SAMPLE", "0.01")) rescue 0.01
      @share = share.clamp(0.0, 0.01)
    end

    def call(env)
      sampled = @share.positive? && Kernel.rand < @share
      before = sampled ? [GC.stat(:total_allocated_objects), GC.stat(:total_freed_objects)] : nil
      failed = true
      response = @app.call(env)
      failed = response[0].to_i >= 500
      response
    ensure
      count(failed, before)
    end

    private

    def count(failed, before)
      Leakroom.start
      Leakroom.counters.request(failed)
      return unless before

      allocated = GC.stat(:total_allocated_objects) - before[0]
      freed = GC.stat(:total_freed_objects) - before[1]
      Leakroom.counters.sample(allocated, [allocated - freed, 0].max)
    rescue StandardError
      nil
    end
  end

  # One thread samples, one sends, one tells that we are alive and hears when somebody asks for a snapshot: a room that is
  # slow leaves no hole in the graph, and many samples do not keep a snapshot waiting.
  class Agent
    def initialize(suffix: nil)
      @url = URI(ENV.fetch("LEAKROOM_URL", "http://127.0.0.1:3000").chomp("/"))
      @token = ENV.fetch("LEAKROOM_TOKEN")
      @host = Socket.gethostname rescue "unknown"
      name = ENV["LEAKROOM_PROCESS"] || File.basename($PROGRAM_NAME.to_s)
      @process = suffix ? "#{name} #{suffix}" : name
      @is_fork = !suffix.nil?
      @every = [Float(ENV.fetch("LEAKROOM_EVERY", "5")), 0.1].max rescue 5.0
      @snapshots = ENV["LEAKROOM_SNAPSHOTS"] != "0"
      @lines = []
      @lock = Mutex.new
      @skew = 0.0
      @has_spoken = false
      @memsize_at = 0.0
      @last = nil
      quietly("leakroom") { take_samples }
      quietly("leakroom words") { each_turn(SPEAK_EVERY) { speak } }
      quietly("leakroom samples") { each_turn(SEND_EVERY) { send_lines } }
    end

    private

    # A thread that the host hears nothing of.
    def quietly(name, &work)
      thread = Thread.new(&work)
      thread.name = name
      thread.priority = -1
      thread.report_on_exception = false
      thread
    end

    def take_samples
      # A child that only does a little and ends is not told of.
      sleep(@every) if @is_fork
      latest = clock + FIRST_WORD
      sleep(0.05) until @has_spoken || clock > latest
      loop do
        sample rescue nil
        sleep(@every)
      end
    end

    # After failures rarer and rarer, down to once in sixty turns: of five seconds, five minutes.
    def each_turn(least)
      sleep(@every) if @is_fork
      failures = 0
      loop do
        begin
          yield
          failures = 0
        rescue StandardError
          failures += 1
        end
        sleep([@every, least].max * [2**[failures, 6].min, 60].min)
      end
    end

    def sample
      now = (Time.now.to_f + @skew).round(3)
      stat = GC.stat
      memory = memory_of_process
      put(now, "rss", memory["VmRSS"], "kib")
      put(now, "anon", memory["RssAnon"], "kib")
      put(now, "swap", memory["VmSwap"], "kib")
      put(now, "heap-committed", stat[:heap_allocated_pages] * PAGE_BYTES, "bytes")
      put(now, "heap-live-slots", stat[:heap_live_slots], "count")
      put(now, "heap-free-slots", stat[:heap_free_slots], "count")
      put(now, "old-objects", stat[:old_objects], "count")
      put(now, "malloc-increase", stat[:malloc_increase_bytes], "bytes")
      put(now, "gc-count", stat[:count], "count")
      put(now, "allocated-objects", stat[:total_allocated_objects], "count")
      put(now, "memsize-of-all", memsize, "bytes")
      requests(now)
    end

    def requests(now)
      counters = Leakroom.counters
      return if counters.requests.zero?

      put(now, "requests", counters.requests, "count")
      put(now, "failures", counters.failures, "count")
      allocated, retained = counters.take_samples
      put(now, "allocated-per-request", allocated, "count")
      put(now, "retained-per-request", retained, "count")
    end

    def put(now, series, value, unit)
      return if value.nil?

      line = JSON.generate(t: now, series: series, v: value, unit: unit, process: @process, pid: Process.pid)
      keep { @lines << line }
    end

    # Changes the lines that wait; beyond the bound the oldest go.
    def keep
      @lock.synchronize do
        yield
        @lines.shift(@lines.length - MOST_LINES) if @lines.length > MOST_LINES
      end
    end

    def memory_of_process
      File.foreach("/proc/self/status").each_with_object({}) do |line, found|
        key, value = line.split(":", 2)
        found[key] = value.to_i if %w[VmRSS RssAnon VmSwap].include?(key)
      end
    rescue SystemCallError
      # No /proc (macOS): ask ps, which answers in KiB.
      { "VmRSS" => IO.popen(["ps", "-o", "rss=", "-p", Process.pid.to_s], &:read).to_i }
    end

    # All that Ruby's objects take. The walk stops the host's threads, so a slow one is not tried again.
    def memsize
      return nil if @memsize_at.nil? || clock < @memsize_at

      before = Process.clock_gettime(Process::CLOCK_THREAD_CPUTIME_ID)
      size = ObjectSpace.memsize_of_all
      took = Process.clock_gettime(Process::CLOCK_THREAD_CPUTIME_ID) - before
      @memsize_at = took > MEMSIZE_MOST ? nil : clock + took / MEMSIZE_SHARE
      size
    end

    def clock
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end

    def speak
      connect do |http|
        facts = { host: @host, process: @process, pid: Process.pid, runtime: "ruby", version: RUBY_VERSION,
                  canSnapshot: @snapshots }
        answer = post(http, "/api/agent/hello", JSON.generate(facts))
        raise "refused" unless answer.is_a?(Net::HTTPOK)

        told = JSON.parse(answer.body)
        note_skew(told["serverTime"])
        wanted = told["snapshot"].to_s
        bring(wanted, told["uploads"].to_s) if @snapshots && !wanted.empty? && wanted != @last
      end
    ensure
      @has_spoken = true
    end

    def send_lines
      loop do
        # As one string, as in a dump (below).
        batch = @lock.synchronize { @lines.shift(2_000).join("\n") }
        return if batch.empty?

        begin
          packed = Zlib.gzip(batch)
          answer = connect { |http| post(http, "/api/ingest", packed, "Content-Encoding" => "gzip") }
          # What the room will never take is not sent again.
          raise "later" unless answer.is_a?(Net::HTTPOK) || %w[400 413 422].include?(answer.code)
        rescue StandardError
          keep { @lines.unshift(*batch.split("\n")) }
          raise
        end
        return if batch.count("\n") < 1_999
      end
    end

    def note_skew(server_ms)
      off = server_ms.to_f / 1000 - Time.now.to_f
      @skew = off.abs > 2 ? off : 0.0
    end

    def connect(&block)
      Net::HTTP.start(@url.host, @url.port, use_ssl: @url.scheme == "https", open_timeout: 4, read_timeout: 60,
                                            write_timeout: 60, &block)
    end

    def post(http, path, body, headers = {})
      http.post(@url.path + path, body, own(headers))
    end

    def own(headers)
      { "Authorization" => "Bearer #{@token}", "Content-Type" => "application/json" }.merge(headers)
    end

    # ── A snapshot ────────────────────────────────────────────────────────────────────────────────────────────────────

    # In a thread of its own, so that samples go on while a large dump is packed and sent.
    def bring(id, uploads)
      @last = id
      quietly("leakroom snapshot") { connect { |http| snapshot(http, id, uploads) } }
    end

    def snapshot(http, id, uploads)
      folder = nil
      return unless step(http, id, "taking")

      folder = Dir.mktmpdir("leakroom")
      plain = File.join(folder, "heap.json")
      taken_at = dump(plain)
      packed = pack(plain)
      return unless step(http, id, "uploading")

      upload(http, uploads, packed, id, taken_at)
    rescue StandardError => e
      step(http, id, "failed", e.message[0, 200]) rescue nil
    ensure
      remove(folder)
    end

    # The moment at which it was taken. Lines that wait stand in it as one string: their number changes from dump to dump,
    # and would look like objects of the host that grow.
    def dump(plain)
      @lock.synchronize do
        waiting = @lines.join("\n")
        @lines.clear
        GC.start
        taken_at = Time.now.to_f + @skew
        File.open(plain, "w", 0o600) { |file| ObjectSpace.dump_all(output: file) }
        taken_at
      ensure
        @lines.concat(waiting.split("\n")) if waiting
      end
    end

    def step(http, id, state, problem = nil)
      answer = post(http, "/api/agent/snapshot", JSON.generate({ id: id, state: state, problem: problem }.compact))
      answer.is_a?(Net::HTTPOK) && JSON.parse(answer.body)["goOn"] == true
    end

    # In pieces, so that the dump never stands in memory; zlib lets the host's threads run meanwhile.
    def pack(plain)
      packed = "#{plain}.gz"
      Zlib::GzipWriter.open(packed, Zlib::BEST_SPEED) do |gzip|
        File.open(plain, "rb") do |file|
          piece = String.new(capacity: 256 * 1024)
          gzip.write(piece) while file.read(256 * 1024, piece)
        end
      end
      File.delete(plain)
      packed
    end

    # tus 1.0: create, then pieces of 8 MiB, each of which can be sent again.
    def upload(http, uploads, packed, id, taken_at)
      size = File.size(packed)
      facts = { "filename" => "#{@process}.json.gz", "captureId" => id, "process" => @process,
                "label" => "#{@process} #{Time.at(taken_at).utc.strftime('%H:%M:%S')} UTC",
                "takenAt" => (taken_at * 1000).round.to_s }
      count = Leakroom.counters.requests
      facts["requestCount"] = count.to_s if count.positive?
      metadata = facts.map { |key, value| "#{key} #{[value].pack('m0')}" }.join(",")
      made = http.post(@url.path + uploads, "", tus("Upload-Length" => size.to_s, "Upload-Metadata" => metadata))
      raise "the room refused the snapshot: #{sentence(made)}" unless made.code == "201"

      place = URI.join(@url.to_s, made["Location"]).path
      offset = 0
      tries = 0
      File.open(packed, "rb") do |file|
        while offset < size
          file.seek(offset)
          begin
            sent = http.patch(place, file.read(CHUNK), tus("Content-Type" => "application/offset+octet-stream",
                                                           "Upload-Offset" => offset.to_s))
            raise IOError, sentence(sent) unless sent.code == "204"

            offset = sent["Upload-Offset"].to_i
            tries = 0
          rescue IOError, SystemCallError, Timeout::Error
            raise if (tries += 1) > 5

            sleep(tries)
            offset = http.head(place, tus({}))["Upload-Offset"].to_i
          end
        end
      end
    end

    def tus(headers)
      { "Authorization" => "Bearer #{@token}", "Tus-Resumable" => "1.0.0" }.merge(headers)
    end

    def sentence(answer)
      JSON.parse(answer.body.to_s)["sentence"] || answer.code
    rescue StandardError
      answer.code
    end

    def remove(folder)
      return unless folder

      Dir.each_child(folder) { |name| File.delete(File.join(folder, name)) }
      Dir.rmdir(folder)
    rescue SystemCallError
      nil
    end
  end

  # Ruby 3.1 and later: a child that is forked gets its own thread. Before, call Leakroom.start in the child yourself
  # (Puma: on_worker_boot).
  module Forking
    def _fork
      Leakroom.before_fork
      pid = super
      Leakroom.after_fork if pid.zero?
      pid
    end
  end
  Process.singleton_class.prepend(Forking) if Process.respond_to?(:_fork)
end

Leakroom.start
