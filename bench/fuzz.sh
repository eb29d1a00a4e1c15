#!/usr/bin/env bash
# Fuzzes a whole host over raw sockets with the generators of tests/Host.Tests/Webhooks/Fuzz, for the given time, from a random seed that
# it prints. Prints handles and live memory every 2000 cases. Prints a failing case as C# for a test, with the seed that reproduces it and
# the host's log.
#   bench/fuzz.sh [SECONDS, 60] [SEED]
#   FUZZ_CASE=SEED_OF_THE_CASE bench/fuzz.sh
set -euo pipefail
cd "$(dirname "$0")/.."
export FUZZ_SECONDS=${1:-60} FUZZ_SEED=${2:-$RANDOM$RANDOM}
echo "bench/fuzz.sh $FUZZ_SECONDS $FUZZ_SEED"
dotnet build tests/Host.Tests -c Release -v quiet --nologo >&2
tests/Host.Tests/bin/Release/net10.0/Sluice.Host.Tests -class '*.FuzzTests' -explicit only -showliveoutput
