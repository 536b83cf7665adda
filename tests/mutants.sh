#!/usr/bin/env bash
# Draws about 60 mutants of a pure crate and says which of them its tests catch (docs/mutation.md).
#
#   cargo install cargo-mutants --version 25.3.1 --locked
#   tests/mutants.sh                     conversation, draw 0
#   tests/mutants.sh conversation 60 3   another draw of the same size
#   tests/mutants.sh session             its own tests and the whole calls of crates/sim
#   tests/mutants.sh conversation 60 0 --file '**/idle.rs' --file '**/limits.rs'
#
# A draw is every n-th mutant of the list, from the draw's number on. Nothing is changed in place:
# cargo-mutants works in a copy. Lists are left in ${OUT:-target/mutants}/mutants.out.
set -euo pipefail
cd "$(dirname "$0")/.."
crate=${1:-conversation} count=${2:-60} draw=${3:-0}
shift $(($# < 3 ? $# : 3))
files=("$@")
out=${OUT:-target/mutants}
mkdir -p "$out"
package=offhook-$crate
all=$(cargo mutants --list -p "$package" "${files[@]}" | wc -l)
parts=$((all / count > 0 ? all / count : 1))
export OFFHOOK_SEEDS=${OFFHOOK_SEEDS:-300}

run() { # further options of cargo-mutants; exit codes 2 and 3 are missed mutants and timeouts
    nice -n 10 cargo mutants -p "$package" "${files[@]}" --shard "$((draw % parts))/$parts" --no-shuffle --jobs 1 \
        --timeout 120 --build-timeout 1200 --baseline skip --output "$out" "$@" || [ $? -le 3 ]
}

case $crate in
session) run --test-package offhook-session --test-package offhook-sim ;;
*) run ;;
esac

lines() { sort -u "$out/mutants.out/$1.txt" | wc -l; }
caught=$(($(lines caught) + $(lines timeout))) missed=$(lines missed)
viable=$((caught + missed))
echo "of $all mutants of $package, draw $draw: $caught of $viable viable caught" \
    "($((viable > 0 ? 100 * caught / viable : 0)) %), $(lines timeout) of them by time," \
    "$(lines unviable) unviable"
cat "$out/mutants.out/missed.txt"
