#!/bin/sh
# A campaign as a Slurm array: sbatch --array=1-40 slurm.sh FOLDER [options of conform]
# FOLDER is on a file system that all nodes share. Afterwards: npx sg2iter merge FOLDER/part-*.json
#SBATCH --job-name=sg2iter
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=2
#SBATCH --mem-per-cpu=1G
#SBATCH --requeue
#SBATCH --time=04:00:00
set -eu
[ $# -ge 1 ] || { echo "usage: sbatch --array=1-COUNT $0 FOLDER [options of conform]" >&2; exit 2; }
[ "${SLURM_ARRAY_TASK_MIN:-1}" -eq 1 ] || { echo "the array begins at 1" >&2; exit 2; }
folder=$1
shift
# Slurm runs a copy of this file: the others are found in the package.
root=${SG2ITER_ROOT:-node_modules/sg2iter}
exec "$root/conformance/fleet/manifests/shard.sh" "$SLURM_ARRAY_TASK_ID" "$SLURM_ARRAY_TASK_COUNT" \
  "$folder" --workers "${SLURM_CPUS_PER_TASK:-1}" "$@"
