#!/bin/sh
# A campaign on one large machine, or with --sshlogin on several that share FOLDER, by GNU parallel.
# Usage: parallel.sh COUNT FOLDER [options of conform]
# Started again it does the parts that are missing. PARALLEL_OPTIONS: of parallel, for example "--jobs 16".
set -eu
[ $# -ge 2 ] || { echo "usage: $0 COUNT FOLDER [options of conform]" >&2; exit 2; }
count=$1
folder=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
# PARALLEL_OPTIONS and SG2ITER are several words.
# shellcheck disable=SC2086
parallel ${PARALLEL_OPTIONS:-} --quote "$here/shard.sh" {} "$count" "$folder" --workers 1 "$@" <<PARTS
$(seq "$count")
PARTS
# shellcheck disable=SC2086
exec ${SG2ITER:-npx sg2iter} merge "$folder"/part-*.json
