#!/usr/bin/env bash
# Attacks the published host from loopback while an honest caller opens a new connection every 50 ms. Attacks: silent connections, slow
# heads and bodies, callers that never read, floods, decompression bombs, broken framing. The host has 1,024 file handles and a heap of
# 1.2 GB. Prints the honest caller's results and the verdicts: responses within 1 s at p99 (503 with Retry-After counts, a reset does
# not), and a 2xx within 5 s after the hostile clients left. Exit code 1 if a verdict is NO. Needs Linux.
#   bench/hostile.sh [SECONDS, 60] [CLIENTS, 5000]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60} clients=${2:-5000} port=5197
out=$(mktemp -d -p "${BENCH_DIR:-/tmp}")
pid=
trap 'kill $pid 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$out"' EXIT
dotnet publish src/Host -c Release -o "$out/host" -v quiet --nologo >&2
dotnet publish bench/Hostile -c Release -o "$out/hostile" -v quiet --nologo >&2

(ulimit -n 1024; DOTNET_GCHeapHardLimit=0x47868C00 exec "$out/host/sluice" serve --urls "http://127.0.0.1:$port" --admin-urls "http://127.0.0.1:$((port + 100))" --workflows bench/workflows --data "$out/data") >"$out/log" 2>&1 &
pid=$!
for _ in $(seq 150); do
  kill -0 $pid 2>/dev/null || { cat "$out/log" >&2; exit 1; }
  (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
  sleep 0.2
done
ulimit -n $((clients + 2000))
"$out/hostile/hostile" "http://127.0.0.1:$port/hooks/plain" "$pid" "$seconds" "$clients" || { tail -20 "$out/log" >&2; exit 1; }
