#!/usr/bin/env bash
# Measures how a million runs in the history and 10,000 published workflows affect a request, and whether memory stays flat.
# Fills one host with runs and prints its resident memory meanwhile. Then measures three hosts in alternating rounds: a fresh one, one
# with 10,000 workflows, and the one with the history. Prints the median throughput of each, its ratio to the fresh one's, and how long
# the host with 10,000 workflows took to its first reply. Needs wrk and curl.
#   bench/million.sh [RUNS, 1000000] [ROUNDS, 8]
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-1000000} rounds=${2:-8}
out=$(mktemp -d)
declare -A pid
trap 'kill "${pid[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$out"' EXIT
for tool in wrk curl; do command -v $tool >/dev/null || { echo "$tool is not installed" >&2; exit 1; }; done
[ -n "${HOST_DIR:-}" ] || { HOST_DIR=$out/host; dotnet publish src/Host -c Release -o "$HOST_DIR" -v quiet --nologo >&2; }

mkdir "$out/many"
cp bench/workflows/plain-flow.yaml "$out/many"
for i in $(seq 10000); do sed "s/plain-flow/flow-$i/; s#path: /plain#path: /plain$i#" bench/workflows/plain-flow.yaml >"$out/many/$i.yaml"; done

start() { # NAME PORT WORKFLOWS
  local from; from=$(date +%s%N)
  "$HOST_DIR/sluice" serve --urls "http://127.0.0.1:$2" --admin-urls http://127.0.0.1:0 --workflows "$3" --data "$out/data-$1" >"$out/$1.log" 2>&1 &
  pid[$1]=$!
  until curl -sf -o /dev/null -X POST -H 'content-type: application/json' -d '{"id":1}' -H 'x-event: payment' "http://127.0.0.1:$2/hooks/plain"; do sleep 0.02; done
  echo "$1: first reply after $((($(date +%s%N) - from) / 1000000)) ms"
}
load() { wrk -t1 -c64 -d"$2s" -s bench/post.lua "http://127.0.0.1:$1/hooks/plain"; } # PORT SECONDS
count() { awk '/requests in/ { print $1 }'; }
rss() { awk '/VmRSS/ { printf "%d", $2 / 1024 }' "/proc/$1/status"; }

start fresh 5195 bench/workflows
start many 5196 "$out/many"
start history 5197 bench/workflows

total=0
while [ "$total" -lt "$runs" ]; do
  total=$((total + $(load 5197 10 | count)))
  echo "$total runs: resident $(rss "${pid[history]}") MB"
done

for port in 5195 5196; do load $port 8 >/dev/null; done
for _ in $(seq "$rounds"); do
  echo "$(load 5195 2 | count) $(load 5196 2 | count) $(load 5197 2 | count)"
done >"$out/rounds"
awk '
  function median(v, n,   i, j, x) { for (i = 2; i <= n; i++) { x = v[i]; for (j = i - 1; j > 0 && v[j] > x; j--) v[j + 1] = v[j]; v[j + 1] = x } return v[int((n + 1) / 2)] }
  { fresh[NR] = $1 / 2; many[NR] = $2 / 2; history[NR] = $3 / 2; a[NR] = $2 / $1; b[NR] = $3 / $1 }
  END {
    printf "fresh           %8.0f requests/s\n", median(fresh, NR)
    printf "10,000 workflows%8.0f requests/s, ratio %.3f\n", median(many, NR), median(a, NR)
    printf "history         %8.0f requests/s, ratio %.3f\n", median(history, NR), median(b, NR)
  }' "$out/rounds"
