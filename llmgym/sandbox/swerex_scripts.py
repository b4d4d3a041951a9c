"""What runs inside a sandbox that SWE-ReX serves: scripts for a plain shell. Answers are text, so bytes are encoded."""

from __future__ import annotations

__all__ = ["CHECK", "FINISH", "READ", "RUN", "SWEEP"]

_KILL = """\
sweep() {
  rounds=0
  while [ "$rounds" -lt 50 ]; do
    rounds=$((rounds + 1))
    found=$(grep -slF "LLMGYM_SANDBOX=$mark" /proc/[0-9]*/environ | tr -cd '0-9\\n')
    if [ -z "$found" ]; then break; fi
    kill -9 $found
  done
} 2>/dev/null
"""
"""Kills all processes that have our mark in their environment, until a round finds none."""

RUN = (
    _KILL
    + """\
mark=$1 wall=$2 cpu=$3 blocks=$4 files=$5 memory=$6 kept=$7 cwd=$8 merge=$9
shift 9
leave=$1 input=$2 count=$3
shift 3
folder=$(mktemp -d) || exit 1
error="$folder/err"
if [ "$merge" = 1 ]; then error=/dev/null; fi
touch "$folder/out" "$folder/err"
(
  while [ "$count" -gt 0 ]; do
    export "$1"
    shift
    count=$((count - 1))
  done
  export LLMGYM_SANDBOX="$mark"
  ulimit -c 0
  ulimit -S -t "$cpu"; ulimit -H -t "$((cpu + 1))"; ulimit -f "$blocks"; ulimit -n "$files"; ulimit -v "$memory"
  exec 2>> "$error"
  if [ "$merge" = 1 ]; then exec 2>> "$folder/out"; fi
  cd -- "$cwd" || exit 126
  exec timeout -s KILL "$wall" "$@"
) < "$input" >> "$folder/out" 2>/dev/null
status=$?
if [ "$leave" != 1 ] || [ "$status" = 137 ]; then sweep; fi
echo "$status $(wc -c < "$folder/out" | tr -d ' ') $(wc -c < "$folder/err" | tr -d ' ')"
head -c "$kept" "$folder/out" | base64
echo .
head -c "$kept" "$folder/err" | base64
rm -rf "$folder"
"""
)
"""Runs a program: its mark, limits, folder, whether to merge its errors, whether to leave processes, its input, the
number of its variables, these, and its words. Says the status and the sizes, and the beginnings of both outputs."""

SWEEP = (
    _KILL
    + """\
mark=$1
sweep
rm -rf -- "$2"
"""
)
"""Kills what is left of a sandbox, and removes its folder."""

CHECK = """\
if [ ! -L "$1" ] && [ -e "$1" ] && [ ! -f "$1" ]; then echo "it is no regular file"; exit; fi
mkdir -p -- "$2" 2>&1
"""
"""Makes the folder of a file that is to be written. Says what is wrong, or nothing."""

FINISH = """\
chmod "$3" "$1" 2>&1 && mv -f -- "$1" "$2" 2>&1 || rm -f -- "$1"
"""
"""Moves a file into its place. Says what is wrong, or nothing."""

READ = """\
if [ -L "$1" ] || { [ -e "$1" ] && [ ! -f "$1" ]; }; then echo "it is no regular file"; exit; fi
if [ ! -e "$1" ]; then echo "it does not exist"; exit; fi
if [ ! -r "$1" ]; then echo "it may not be read"; exit; fi
if [ "$(wc -c < "$1")" -gt "$2" ]; then echo "it is larger than $2 bytes"; exit; fi
echo ok
head -c "$(($2 + 1))" < "$1" | base64
"""
"""Says ``ok`` and the content of a regular file of at most so many bytes, or what is wrong."""
