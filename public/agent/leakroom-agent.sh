#!/bin/sh
# Leakroom's agent for any Linux process, from outside: POSIX sh, awk and curl; nothing is installed and the process is
# not touched. Reads /proc and the cgroup, sends every few seconds, keeps at most LEAKROOM_BUFFER_KIB through an outage.
#
#   LEAKROOM_URL=https://room.example LEAKROOM_TOKEN=lr_… sh leakroom-agent.sh --pid 4711 --process app-07
#   … sh leakroom-agent.sh --command 'puma: cluster'     the oldest process whose command line contains this
#
# LEAKROOM_EVERY seconds between samples (5) · LEAKROOM_SEND seconds between batches (10) · LEAKROOM_BUFFER_KIB (1024)
# --once takes one sample, sends it and ends. Ends with status 0 when the process of --pid has ended for a minute.
set -u
LC_ALL=C; export LC_ALL
url=${LEAKROOM_URL:-http://127.0.0.1:3000}; url=${url%/}
token=${LEAKROOM_TOKEN:-}
every=${LEAKROOM_EVERY:-5}; send_every=${LEAKROOM_SEND:-10}; most_kib=${LEAKROOM_BUFFER_KIB:-1024}
proc=${LEAKROOM_PROC:-/proc}; cgroups=${LEAKROOM_CGROUP:-/sys/fs/cgroup}
pid=; command=; name=; once=
while [ $# -gt 0 ]; do
  case $1 in
    --pid) pid=${2:-}; shift ;;
    --command) command=${2:-}; shift ;;
    --process) name=${2:-}; shift ;;
    --url) url=${2:-}; url=${url%/}; shift ;;
    --once) once=1 ;;
    *) echo "leakroom-agent: what is $1? --pid N | --command TEXT [--process NAME] [--once]" >&2; exit 2 ;;
  esac
  shift
done
for number in "$every" "$send_every" "$most_kib" "${pid:-1}"; do
  case $number in ''|*[!0-9]*) echo "leakroom-agent: $number is not a whole number" >&2; exit 2 ;; esac
done
[ "$every" -ge 1 ] || every=1
[ -n "$pid$command" ] || { echo 'leakroom-agent: give --pid N or --command TEXT' >&2; exit 2; }
case $token in lr_*) ;; *) echo 'leakroom-agent: set LEAKROOM_TOKEN to a token of the room (Share, Machines)' >&2; exit 2 ;; esac
command -v curl >/dev/null || { echo 'leakroom-agent: curl is not there' >&2; exit 2; }
renice -n 10 -p $$ >/dev/null 2>&1
ionice -c 3 -p $$ >/dev/null 2>&1

umask 077
work=$(mktemp -d "${TMPDIR:-/tmp}/leakroom.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 0' INT TERM HUP
# The token stands in a file that only we can read: a command line is there for everybody to see.
printf 'header = "Authorization: Bearer %s"\n' "$token" > "$work/auth"
: > "$work/buffer"
skew=0
host=$(hostname 2>/dev/null || cat "$proc/sys/kernel/hostname" 2>/dev/null || echo unknown)

# Text in quotes as JSON wants it; anything unusual becomes a blank.
json() { printf '%s' "$1" | cut -c 1-120 | tr -c 'A-Za-z0-9 ._:/@+=,()-' ' ' | sed 's/ *$//; s/^/"/; s/$/"/'; }
host_json=$(json "$host")

find_pid() {
  [ -n "$command" ] || { echo "$pid"; return; }
  for dir in "$proc"/[0-9]*; do
    id=${dir##*/}
    [ "$id" != $$ ] || continue
    words=$(tr '\0' ' ' 2>/dev/null < "$dir/cmdline") || continue
    case $words in
      *leakroom-agent*) ;;
      *"$command"*) echo "$(stat_field "$id" 22) $id" ;;
    esac
  done | sort -n | awk 'NR == 1 { print $2 }'
}
# Field N of /proc/PID/stat; the name in parentheses may hold anything.
stat_field() { sed 's/^.*) //' "$proc/$1/stat" 2>/dev/null | awk -v n="$2" '{ print $(n - 2) }'; }

# The process and all below it, one id a word: one pass over /proc.
tree_of() {
  for dir in "$proc"/[0-9]*; do
    [ -r "$dir/stat" ] && sed 's/^\([0-9]*\) .*) [A-Za-z] \([0-9]*\) .*/\1 \2/' "$dir/stat" 2>/dev/null
  done | awk -v root="$1" '
    { parent[$1] = $2 }
    END {
      inside[root] = 1
      do { more = 0; for (id in parent) if (!(id in inside) && (parent[id] in inside)) { inside[id] = 1; more = 1 } } while (more)
      for (id in inside) print id
    }'
}

cgroup_dir() {
  path=$(sed -n 's/^0:://p' "$proc/$1/cgroup" 2>/dev/null)
  for dir in "$cgroups$path" "$cgroups"; do [ -r "$dir/memory.current" ] && { echo "$dir"; return; }; done
}

line() { printf '{"t":%s,"series":"%s","v":%s,"unit":"%s","process":%s,"pid":%s}\n' "$now" "$1" "$2" "$3" "$name_json" "$pid"; }

sample() {
  now=$(( $(date +%s) + skew ))
  files=; rollups=
  for id in $(tree_of "$pid"); do
    [ -r "$proc/$id/status" ] && files="$files $proc/$id/status"
    [ -r "$proc/$id/smaps_rollup" ] && rollups="$rollups $proc/$id/smaps_rollup"
  done
  [ -n "$files" ] || return 1
  # The tree's resident memory counts pages that forks share once for each of them: the process's own is "rss".
  set -- $(awk '/^VmRSS:/ { r = $2 } /^RssAnon:/ { a = $2 } /^VmSwap:/ { s = $2 } END { print r + 0, a + 0, s + 0 }' "$proc/$pid/status" 2>/dev/null)
  [ "${1:-0}" -gt 0 ] || return 1
  line rss "$1" kib; line anon "$2" kib; line swap "$3" kib
  # shellcheck disable=SC2086
  children=$(printf '%s\n' $files | awk 'END { print NR - 1 }')
  if [ "$children" -gt 0 ]; then
    # shellcheck disable=SC2086
    line tree-rss "$(cat $files 2>/dev/null | awk '/^VmRSS:/ { r += $2 } END { print r + 0 }')" kib
    line children "$children" count
  fi
  # PSS costs the kernel a walk over the page tables: rarely.
  if [ -n "$rollups" ] && [ $(( ticks % rare )) -eq 0 ]; then
    # shellcheck disable=SC2086
    pss=$(cat $rollups 2>/dev/null | awk '/^Pss:/ { p += $2 } END { print p + 0 }')
    [ "$pss" -gt 0 ] && line pss "$pss" kib
  fi
  group=$(cgroup_dir "$pid")
  if [ -n "$group" ]; then
    line memory-current "$(cat "$group/memory.current")" bytes
    limit=$(cat "$group/memory.max" 2>/dev/null)
    case $limit in ''|*[!0-9]*) ;; *) line memory-max "$limit" bytes ;; esac
  fi
}

# Keeps the newest lines within the bound.
trim() {
  size=$(( $(wc -c < "$work/buffer") / 1024 ))
  [ "$size" -lt "$most_kib" ] && return
  tail -c $(( most_kib * 512 )) "$work/buffer" | sed 1d > "$work/kept" && mv "$work/kept" "$work/buffer"
}

post() { curl -sS -m 8 --connect-timeout 4 -K "$work/auth" -o "$work/answer" -D "$work/headers" -w '%{http_code}' "$@" 2>/dev/null; }

# Our clock against the server's, from its Date header: corrected beyond two seconds. Needs GNU or busybox date.
note_skew() {
  told=$(tr -d '\r' < "$work/headers" | sed -n 's/^[Dd]ate: //p' | tail -n 1)
  [ -n "$told" ] || return 0
  theirs=$(date -u -d "$told" +%s 2>/dev/null || date -u -D '%a, %d %b %Y %H:%M:%S GMT' -d "$told" +%s 2>/dev/null) || return 0
  off=$(( theirs - $(date +%s) ))
  if [ "$off" -gt 2 ] || [ "$off" -lt -2 ]; then skew=$off; else skew=0; fi
}

send() {
  code=$(post "$url/api/agent/hello" -H 'Content-Type: application/json' --data-binary \
    "{\"host\":$host_json,\"process\":$name_json,\"pid\":$pid,\"runtime\":\"sh\",\"version\":\"1\",\"canSnapshot\":false}")
  [ "$code" = 200 ] || { [ "$code" = 401 ] && stop_for_good; return 1; }
  note_skew
  [ -s "$work/buffer" ] || return 0
  # At most 4,000 lines in one request; the oldest first.
  head -n 4000 "$work/buffer" > "$work/batch"
  if command -v gzip >/dev/null; then
    gzip -c "$work/batch" > "$work/batch.gz"
    code=$(post "$url/api/ingest" -H 'Content-Encoding: gzip' --data-binary "@$work/batch.gz")
  else
    code=$(post "$url/api/ingest" --data-binary "@$work/batch")
  fi
  case $code in
    2??|400|413|422) sed 1,4000d "$work/buffer" > "$work/kept" && mv "$work/kept" "$work/buffer" ;;
    *) return 1 ;;
  esac
}
stop_for_good() { echo 'leakroom-agent: the token was revoked' >&2; exit 0; }

# The clock's difference before the first sample; a room that does not answer tells it later.
curl -sS -m 4 -K "$work/auth" -o "$work/answer" -D "$work/headers" "$url/api/health" 2>/dev/null && note_skew

rare=$(( 60 / every )); [ "$rare" -ge 1 ] || rare=1
ticks=0; since=$send_every; missing=0; pause=0
while :; do
  if [ -n "$command" ]; then found=$(find_pid); [ -n "$found" ] && pid=$found; fi
  if [ -n "$pid" ] && [ -r "$proc/$pid/status" ]; then
    missing=0
    shown=${name:-$(cat "$proc/$pid/comm" 2>/dev/null)-$pid}
    name_json=$(json "$shown")
    sample >> "$work/buffer"
    trim
  else
    missing=$(( missing + every ))
    [ -z "$command" ] && [ "$missing" -ge 60 ] && exit 0
  fi
  if [ "$since" -ge $(( send_every + pause )) ] && [ -n "$pid" ] && [ "$missing" -eq 0 ]; then
    since=0
    # After a failure wait longer and longer, at most five minutes.
    if send; then pause=0; else pause=$(( pause * 2 + send_every )); [ "$pause" -le 300 ] || pause=300; fi
  fi
  [ -n "$once" ] && { [ "$pause" -eq 0 ]; exit; }
  ticks=$(( ticks + 1 )); since=$(( since + every ))
  sleep "$every" &
  wait $!
done
