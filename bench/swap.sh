#!/usr/bin/env bash
# Swaps a plugin again and again on a running host under load, and prints what the callers and the memory noticed.
# Each swap copies the Logic plugin with another extra file beside the plugins, and renames it into its place, as docs/operating.md says to.
# Prints: failed requests, the longest request, resident memory after the 10th and the last swap, what became of the old versions, and the time
# from the rename to the first run on the new version. Needs wrk, curl and jq.
#   bench/swap.sh [SWAPS, 100] [CONNECTIONS, 16]
set -euo pipefail
cd "$(dirname "$0")/.."
swaps=${1:-100} connections=${2:-16} url=http://127.0.0.1:5192
out=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$out"' EXIT
for tool in wrk curl jq; do command -v $tool >/dev/null || { echo "$tool is not installed" >&2; exit 1; }; done

[ -n "${HOST_DIR:-}" ] || { HOST_DIR=$out/host; dotnet publish src/Host -c Release -o "$HOST_DIR" -v quiet --nologo >&2; }
cp -r "$HOST_DIR/plugins" "$out/plugins"
"$HOST_DIR/sluice" serve --urls $url --plugins "$out/plugins" --workflows bench/workflows --data "$out/data" >"$out/host.log" 2>&1 &
host=$!
pids+=($host)
for _ in $(seq 100); do curl -s -o /dev/null $url/healthz && break; sleep 0.1; done

rss() { awk '/VmRSS/ { printf "%d", $2 / 1024 }' /proc/$host/status; }
now() { date +%s%N; }
active() { curl -s $url/api/plugins | jq -r '.[] | select(.name == "Logic" and .state == "active" and .in_folder) | .hash'; }

# Warm first: what is measured is a host at work.
wrk -t1 -c"$connections" -d8s -s bench/post.lua $url/hooks/plain >/dev/null
wrk -t1 -c"$connections" -d"$((swaps * 4 + 30))s" --latency -s bench/post.lua $url/hooks/plain >"$out/wrk.log" &
load=$!
pids+=($load)

before=$(active)
for swap in $(seq "$swaps"); do
  rm -rf "$out/plugins/.incoming"
  cp -r "$out/plugins/Logic" "$out/plugins/.incoming"
  echo "$swap" >"$out/plugins/.incoming/swap.txt"
  mv "$out/plugins/Logic" "$out/plugins/.old"
  mv "$out/plugins/.incoming" "$out/plugins/Logic"
  start=$(now)
  # Runs one after the other, each with the time of its answer; which version each ran on is looked up afterwards, two seconds' worth at a time.
  after=$before
  while [ "$after" = "$before" ]; do
    [ $(($(now) - start)) -lt 30000000000 ] || { echo "swap $swap did not come" >&2; tail -5 "$out/host.log" >&2; exit 1; }
    : >"$out/runs"
    window=$(now)
    while [ $(($(now) - window)) -lt 2000000000 ]; do
      id=$(curl -s -o /dev/null -D - -X POST -H 'content-type: application/json' -d '{"id":1}' $url/hooks/plain | tr -d '\r' | awk 'tolower($1) == "sluice-run-id:" { print $2 }')
      echo "$(now) $id" >>"$out/runs"
    done
    while read -r seen id; do
      after=$(curl -s "$url/api/runs/$id" | jq -r '[.steps[].plugin | select(.name == "Logic") | .hash][0]')
      [ "$after" != "$before" ] && break
    done <"$out/runs"
  done
  before=$after
  echo $(((seen - start) / 1000000)) >>"$out/took"
  rm -rf "$out/plugins/.old"
  [ "$swap" = 10 ] && early=$(rss)
done
late=$(rss)
wait $load || true
sleep 62

metric() { curl -s $url/metrics | awk -v name="$1" '$1 == name { print $2 }'; }
echo "swaps               $(metric sluice_plugin_swaps_total)"
echo "requests            $(awk '/requests in/ { print $1 }' "$out/wrk.log"), $(awk '/Requests\/sec/ { print $2 }' "$out/wrk.log") a second"
echo "failed              $(awk '/Non-2xx/ { n = $NF } /Socket errors/ { sub(/.*errors: /, ""); e = $0 } END { print n + 0, e }' "$out/wrk.log")"
echo "latency p99         $(awk '$1 == "99%" { print $2 }' "$out/wrk.log")"
echo "longest request     $(awk '$1 == "Latency" { print $4; exit }' "$out/wrk.log")"
echo "resident after 10   ${early:-?} MB"
echo "resident after $swaps  $late MB"
echo "unloaded            $(metric 'sluice_plugin_unloads_total{result="unloaded"}')"
echo "leaking             $(metric 'sluice_plugin_unloads_total{result="leaking"}')"
echo "rename to new run   p50 $(sort -n "$out/took" | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }') ms, max $(sort -n "$out/took" | tail -1) ms"
