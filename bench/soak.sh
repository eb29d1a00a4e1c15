#!/usr/bin/env bash
# Soaks the published host with mixed traffic: 90 % plain calls of bench/workflows/plain-flow.yaml, 5 % callers that read the response
# eight bytes at a time, and 5 % that reset the connection without reading it; 1,000 more connections send nothing. Measures the host's
# maximum rate (64 connections for the plain calls, 10 s), then sends 70 % of it for the given time. Requests are due at fixed times
# whatever happens to earlier ones, and their latency counts from then on (no coordinated omission).
# Prints p50, p99, failed requests, resident memory and handles for each tenth of the time, beside the p99 of one small flushed write,
# which tells a slow machine from a slow host. Then prints what is left at the end, and the verdicts with their rules; exit code 1 if a
# verdict is NO. Use a quiet machine: a maximum measured on a busy one makes the load too light. BENCH_DIR is the directory of the
# database, which grows by about 1 KB per request. Needs Linux.
#   bench/soak.sh [MINUTES, 10]
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=${1:-10} port=5196
out=$(mktemp -d -p "${BENCH_DIR:-/tmp}")
pid=
trap 'kill $pid 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$out"' EXIT
dotnet publish src/Host -c Release -o "$out/host" -v quiet --nologo >&2
dotnet publish bench/Soak -c Release -o "$out/soak" -v quiet --nologo >&2

"$out/host/sluice" serve --urls "http://127.0.0.1:$port" --admin-urls "http://127.0.0.1:$((port + 100))" --workflows bench/workflows --data "$out/data" >"$out/log" 2>&1 &
pid=$!
for _ in $(seq 150); do
  kill -0 $pid 2>/dev/null || { cat "$out/log" >&2; exit 1; }
  (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
  sleep 0.2
done
ulimit -n "$(ulimit -Hn)"
"$out/soak/soak" "http://127.0.0.1:$port/hooks/plain" "http://127.0.0.1:$((port + 100))" "$pid" "$minutes" "$out"
