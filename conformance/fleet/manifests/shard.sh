#!/bin/sh
# One part of a campaign, for machines that share a folder and no queue.
# Usage: shard.sh INDEX COUNT FOLDER [options of conform]
# Writes FOLDER/part-INDEX.json when the part is done, and nothing before; a part that is there is not done again.
# Exit code 0: the report is there, whatever it says (findings are no reason to run a part again).
# SG2ITER: the program, "npx sg2iter" by default.
set -eu
[ $# -ge 3 ] || { echo "usage: $0 INDEX COUNT FOLDER [options of conform]" >&2; exit 2; }
index=$1
count=$2
folder=$3
shift 3
part=$folder/part-$index.json
[ -e "$part" ] && exit 0
mkdir -p "$folder"
code=0
# SG2ITER is a command with its arguments.
# shellcheck disable=SC2086
${SG2ITER:-npx sg2iter} conform --json --shard "$index/$count" "$@" >"$part.$$" || code=$?
case $code in
0 | 1 | 4) mv "$part.$$" "$part" ;;
*)
  rm -f "$part.$$"
  exit "$code"
  ;;
esac
