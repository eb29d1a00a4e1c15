#!/usr/bin/env bash
# Swaps a plugin repeatedly on a running host, and measures the effect on callers and memory.
# Each swap copies the Logic plugin, with another time stamp in its assembly, beside the plugins and renames it into place, as
# docs/how-to/swap-plugins.md describes: for the host, each copy is new code.
# Prints the time from the rename to the first reply of a run on the new version; with connections also the failed requests, the longest
# request, resident memory after the 10th and the last swap, and how many old versions were unloaded. Needs wrk, curl and jq.
#   bench/swap.sh [SWAPS, 100] [CONNECTIONS, 16; 0: an idle host, which gets only the probe's 200 requests per second]
# HOST_DIR is a published host to use.
set -euo pipefail
cd "$(dirname "$0")/.."
swaps=${1:-100} connections=${2:-16} url=http://127.0.0.1:${PORT:-5192} admin=http://127.0.0.1:$((${PORT:-5192} + 100))
out=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$out"' EXIT
for tool in wrk curl jq; do command -v $tool >/dev/null || { echo "$tool is not installed" >&2; exit 1; }; done

[ -n "${HOST_DIR:-}" ] || { HOST_DIR=$out/host; dotnet publish src/Host -c Release -o "$HOST_DIR" -v quiet --nologo >&2; }
cp -r "$HOST_DIR/plugins" "$out/plugins"
"$HOST_DIR/sluice" serve --urls $url --admin-urls $admin --plugins "$out/plugins" --workflows bench/workflows --data "$out/data" >"$out/host.log" 2>&1 &
host=$!
pids+=($host)
for _ in $(seq 100); do curl -s -o /dev/null $url/healthz && break; sleep 0.1; done

rss() { awk '/VmRSS/ { printf "%d", $2 / 1024 }' /proc/$host/status; }
metric() { curl -s $admin/metrics | awk -v name="$1" '$1 == name { print $2 }'; }
millis() { date -d "${1:-now}" +%s%3N; }
load=(wrk -t1 --latency -s bench/post.lua "$url/hooks/plain")
# The content hash of the plugin that a run used, and the time of its reply.
run() { curl -s "$admin/api/runs/$1" | jq -r '([.steps[].plugin | select(.name == "Logic") | .hash][0]) + " " + .reply.sent_at'; }

# Gives the assembly another time stamp: four bytes of its header (PE/COFF, TimeDateStamp).
restamp() {
  local header
  header=$(od -An -tu4 -j60 -N4 "$1" | tr -d ' ')
  printf "$(printf '\\x%02x' $(($2 & 255)) $(($2 >> 8 & 255)) 1 1)" | dd of="$1" bs=1 seek=$((header + 8)) conv=notrunc status=none
}

# The time of the first reply on the new version. The probe's runs are sorted by time, so the first one is found by binary search.
first_on_new() {
  local ids low=0 high middle before hash sent seen=
  mapfile -t ids < <(grep -E '^[0-9a-f-]{36}$' "$out/ids")
  high=${#ids[@]}
  [ "$high" -gt 0 ] || { echo "the probe got no response" >&2; exit 1; }
  read -r before _ < <(run "${ids[0]}")
  while [ $low -lt "$high" ]; do
    middle=$(((low + high) / 2))
    read -r hash sent < <(run "${ids[$middle]}")
    if [ "$hash" = "$before" ]; then low=$((middle + 1)); else high=$middle seen=$sent; fi
  done
  [ -n "$seen" ] || { echo "none of ${#ids[@]} runs was on the new version" >&2; exit 1; }
  millis "$seen"
}

# Warm up first: the subject is a host under load.
"${load[@]}" -c16 -d8s >/dev/null
if [ "$connections" -gt 0 ]; then
  "${load[@]}" -c"$connections" -d24h >"$out/wrk.log" &
  callers=$!
  pids+=($callers)
fi

for swap in $(seq "$swaps"); do
  rm -rf "$out/plugins/.incoming"
  cp -r "$out/plugins/Logic" "$out/plugins/.incoming"
  restamp "$out/plugins/.incoming/Sluice.Plugins.Logic.dll" "$swap"
  done_before=$(metric sluice_plugin_swaps_total)
  # Prints the id of each run with its response; one request after the other, on one connection.
  stdbuf -oL curl -s -o /dev/null -w '%header{sluice-run-id}\n' --rate 200/s -X POST -H 'content-type: application/json' -d '{"id":1}' "$url/hooks/plain?[1-100000]" >"$out/ids" &
  probe=$!
  pids+=($probe)
  until [ -s "$out/ids" ]; do sleep 0.05; done
  sleep 0.3
  mv "$out/plugins/Logic" "$out/plugins/.old"
  mv "$out/plugins/.incoming" "$out/plugins/Logic"
  start=$(millis)
  until [ "$(metric sluice_plugin_swaps_total)" != "$done_before" ]; do
    [ $(($(millis) - start)) -lt 30000 ] || { echo "swap $swap did not happen" >&2; tail -5 "$out/host.log" >&2; exit 1; }
    sleep 0.1
  done
  sleep 0.5
  kill $probe
  wait $probe 2>/dev/null || true
  unset 'pids[-1]'
  end=$(first_on_new)
  echo $((end - start)) >>"$out/took"
  echo "swap $swap of $swaps: $((end - start)) ms" >&2
  rm -rf "$out/plugins/.old"
  [ "$swap" = 10 ] && early=$(rss)
done

late=$(rss)
if [ "$connections" -gt 0 ]; then
  kill -INT $callers
  wait $callers || true
  sleep 62
  echo "swaps               $(metric sluice_plugin_swaps_total)"
  echo "requests            $(awk '/requests in/ { print $1 }' "$out/wrk.log"), $(awk '/Requests\/sec/ { print $2 }' "$out/wrk.log") a second"
  echo "failed              $(awk '/Non-2xx/ { n = $NF } /Socket errors/ { sub(/.*errors: /, ""); e = $0 } END { print n + 0, e }' "$out/wrk.log")"
  echo "latency p99         $(awk '$1 == "99%" { print $2 }' "$out/wrk.log")"
  echo "longest request     $(awk '$1 == "Latency" { print $4; exit }' "$out/wrk.log")"
  echo "resident after 10   ${early:-?} MB"
  echo "resident after $swaps  $late MB"
  echo "unloaded            $(metric 'sluice_plugin_unloads_total{result="unloaded"}')"
  echo "leaking             $(metric 'sluice_plugin_unloads_total{result="leaking"}')"
fi
sort -n "$out/took" | awk '{ a[NR] = $1 } END {
  printf "rename to new run   min %d ms, p50 %d ms, p90 %d ms, max %d ms, of %d swaps\n", a[1], a[int((NR + 1) / 2)], a[int(NR * 0.9 + 0.999)], a[NR], NR }'
