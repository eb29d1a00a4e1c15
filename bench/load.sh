#!/usr/bin/env bash
# Compares bare Kestrel, bare Kestrel with one committed row per request, and the plain durable flow of bench/workflows, in one go on one
# machine at 1, 16 and 64 connections. Prints requests per second, p50 and p99, the flow's ratio to bare Kestrel, and the target for the
# flow's p50: four times the bare p50 plus one commit, which is the p50 with a row minus the bare p50. Needs wrk (Debian: apt-get install
# wrk).
# BENCH_DIR is the directory of the databases; one in memory shows the cost without the disk.
#   bench/load.sh [SECONDS per measurement, 5] [ROUNDS, 3]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-5} rounds=${2:-3}
out=$(mktemp -d -p "${BENCH_DIR:-/tmp}")
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$out"' EXIT

command -v wrk >/dev/null || { echo "wrk is not installed: apt-get install wrk" >&2; exit 1; }
dotnet publish src/Host -c Release -o "$out/host" -v quiet --nologo >&2
dotnet publish bench/Bare -c Release -o "$out/bare" -v quiet --nologo >&2

start() { # NAME URL COMMAND...
  local name=$1 url=$2; shift 2
  "$@" >"$out/$name.log" 2>&1 &
  pids+=($!)
  for _ in $(seq 100); do curl -s -o /dev/null "$url" && return; sleep 0.1; done
  echo "$name did not start:" >&2; cat "$out/$name.log" >&2; exit 1
}
start bare http://127.0.0.1:5190/ "$out/bare/bare" --urls http://127.0.0.1:5190 --file "$out/rows.db"
start sluice http://127.0.0.1:5191/healthz "$out/host/sluice" serve --urls http://127.0.0.1:5191 --admin-urls http://127.0.0.1:0 --workflows bench/workflows --data "$out/data"

measure() { # CONNECTIONS URL -> "RPS P50 P99" (microseconds)
  wrk -t1 -c"$1" -d"${seconds}s" --latency -s bench/post.lua "$2" | awk '
    function us(v) { n = v + 0; return v ~ /us$/ ? n : v ~ /ms$/ ? n * 1000 : n * 1000000 }
    /50%/ { p50 = us($2) } /99%/ { p99 = us($2) } /Requests\/sec/ { rps = $2 } /Non-2xx/ { print "failed: " $0 > "/dev/stderr"; exit 1 }
    END { print rps, p50, p99 }'
}
bare=http://127.0.0.1:5190/ row=http://127.0.0.1:5190/durable flow=http://127.0.0.1:5191/hooks/plain
for url in $bare $row $flow; do wrk -t1 -c64 -d"${WARMUP:-8}s" -s bench/post.lua "$url" >/dev/null; done

format='%-12s %10s %10s %10s %7s %9s %9s %9s %9s %9s %9s\n'
printf "$format" connections bare/s row/s flow/s ratio bare-p50 row-p50 flow-p50 may-be bare-p99 flow-p99
for connections in 1 16 64; do
  for _ in $(seq "$rounds"); do
    read -r b bp50 bp99 <<<"$(measure "$connections" $bare)"
    read -r r rp50 _ <<<"$(measure "$connections" $row)"
    read -r f fp50 fp99 <<<"$(measure "$connections" $flow)"
    ratio=$(awk -v b="$b" -v f="$f" 'BEGIN { printf "%.3f", f / b }')
    # shellcheck disable=SC2059
    printf "$format" "$connections" "${b%.*}" "${r%.*}" "${f%.*}" "$ratio" "$bp50" "$rp50" "$fp50" "$(awk -v b="$bp50" -v r="$rp50" 'BEGIN { print 3 * b + r }')" "$bp99" "$fp99"
  done
done
