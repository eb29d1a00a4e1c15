#!/usr/bin/env bash
# Fuzzes a whole host over raw sockets: the generators of tests/Host.Tests/Webhooks/Fuzz, for as long as told, from a random seed that is printed.
# Every 2000 cases it prints handles and live memory. A case that breaks a law is printed as C#, for a test of its own, with its seed, which makes it again,
# and what the host logged of it.
#   bench/fuzz.sh [SECONDS, 60] [SEED]
#   FUZZ_CASE=SEED_OF_THE_CASE bench/fuzz.sh
set -euo pipefail
cd "$(dirname "$0")/.."
export FUZZ_SECONDS=${1:-60} FUZZ_SEED=${2:-$RANDOM$RANDOM}
echo "bench/fuzz.sh $FUZZ_SECONDS $FUZZ_SEED"
dotnet build tests/Host.Tests -c Release -v quiet --nologo >&2
tests/Host.Tests/bin/Release/net10.0/Sluice.Host.Tests -class '*.FuzzTests' -explicit only -showliveoutput
