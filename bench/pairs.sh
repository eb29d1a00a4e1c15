#!/usr/bin/env bash
# Compares the plain flow of two published hosts side by side, at 1, 16 and 64 connections: each round measures both, in alternating
# order. Two starts of one build differ by up to 8 %, so compare over several starts. Prints the ratio NEW/OLD of each start (the median
# of its rounds) and the median over all starts. Needs wrk (Debian: apt-get install wrk).
#   bench/pairs.sh OLD_DIR NEW_DIR [STARTS, 6] [SECONDS per measurement, 3] [ROUNDS, 3]
# OLD_DIR and NEW_DIR come from `dotnet publish src/Host -c Release -o DIR`; NEW_ARGS and OLD_ARGS are further options of `sluice serve`.
set -euo pipefail
cd "$(dirname "$0")/.."
old=$1 new=$2 starts=${3:-6} seconds=${4:-3} rounds=${5:-3}
out=$(mktemp -d -p "${BENCH_DIR:-/tmp}")
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$out"' EXIT

serve() { # DIR PORT NAME OPTIONS...
  local dir=$1 port=$2 name=$3; shift 3
  "$dir/sluice" serve --urls "http://127.0.0.1:$port" --workflows bench/workflows --data "$out/$name" "$@" >"$out/$name.log" 2>&1 &
  pids+=($!)
  for _ in $(seq 100); do curl -s -o /dev/null "http://127.0.0.1:$port/healthz" && return; sleep 0.1; done
  echo "$dir did not start:" >&2; cat "$out/$name.log" >&2; exit 1
}
measure() { # CONNECTIONS PORT -> requests per second
  wrk -t1 -c"$1" -d"${seconds}s" -s bench/post.lua "http://127.0.0.1:$2/hooks/plain" |
    awk '/Requests\/sec/ { print $2 } /Non-2xx/ { print "failed: " $0 > "/dev/stderr"; exit 1 }'
}
median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

printf '%5s %12s %10s %10s %7s\n' start connections old/s new/s ratio
for start in $(seq "$starts"); do
  pids=()
  # shellcheck disable=SC2086
  serve "$old" 5193 "old-$start" ${OLD_ARGS:-}
  # shellcheck disable=SC2086
  serve "$new" 5194 "new-$start" ${NEW_ARGS---admin-urls http://127.0.0.1:0}
  for port in 5193 5194; do wrk -t1 -c64 -d"${WARMUP:-6}s" -s bench/post.lua "http://127.0.0.1:$port/hooks/plain" >/dev/null; done
  for connections in 1 16 64; do
    : >"$out/round"
    for round in $(seq "$rounds"); do
      if ((round % 2)); then o=$(measure "$connections" 5193); n=$(measure "$connections" 5194)
      else n=$(measure "$connections" 5194); o=$(measure "$connections" 5193); fi
      awk -v o="$o" -v n="$n" 'BEGIN { printf "%.4f %d %d\n", n / o, o, n }' >>"$out/round"
    done
    ratio=$(cut -d' ' -f1 "$out/round" | median)
    echo "$ratio" >>"$out/ratios-$connections"
    printf '%5s %12s %10s %10s %7.3f\n' "$start" "$connections" "$(cut -d' ' -f2 "$out/round" | median)" "$(cut -d' ' -f3 "$out/round" | median)" "$ratio"
  done
  kill "${pids[@]}"; wait "${pids[@]}" 2>/dev/null || true
  rm -rf "$out/old-$start" "$out/new-$start"
done
for connections in 1 16 64; do printf 'median over %s starts, %2s connections: %.3f\n' "$starts" "$connections" "$(median <"$out/ratios-$connections")"; done
