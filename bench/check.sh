#!/usr/bin/env bash
# Measures `sluice check` of one file, from the start of the published program to its exit: wall and CPU time, first without cached facts
# about plugins, then with the cache of the first start. On a shared machine CPU time is more reliable than wall time. Needs Linux.
#   bench/check.sh [ROUNDS, 10] [FILE, examples/payment-received.yaml]
# HOST_DIR is a published folder to measure instead of a publish of this source.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-10} file=${2:-examples/payment-received.yaml}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
[ -n "${HOST_DIR:-}" ] || { HOST_DIR=$out/host; dotnet publish src/Host -c Release -o "$HOST_DIR" -v quiet --nologo >&2; }
[ -x "$HOST_DIR/sluice" ] || { echo "there is no program in $HOST_DIR" >&2; exit 1; }
export XDG_CACHE_HOME="$out/cache" TIMEFORMAT='%R %U %S'

start() { { time "$HOST_DIR/sluice" check "$file" >/dev/null; } 2>&1; }
middle() { sort -n | awk '{ all[NR] = $1 } END { printf "least %.2f s, median %.2f s", all[1], all[int((NR + 1) / 2)] }'; }
report() { # LABEL
  cat >"$out/times"
  printf '%-13s wall: %s; CPU: %s\n' "$1" "$(awk '{ print $1 }' "$out/times" | middle)" "$(awk '{ print $2 + $3 }' "$out/times" | middle)"
}

for _ in $(seq "$rounds"); do rm -rf "$XDG_CACHE_HOME"; start; done | report "first start"
for _ in $(seq "$rounds"); do start; done | report "later starts"
