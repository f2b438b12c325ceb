/**
 * The options that bring subjects from elsewhere.
 * @module
 */
import { spawnSync } from 'node:child_process';
import type { Command } from 'commander';
import { type Admitted, admitSubjects, type SubjectSpec } from '../subjects/foreign/foreign.ts';
import { allSides } from '../subjects/sides.ts';
import { SubjectError } from '../subjects/subject-error.ts';
import { UsageError } from '../terminal/exit.ts';

export interface SubjectFlags {
  readonly subject?: string;
  readonly subjectCmd?: string;
  readonly known?: string;
  readonly caseTime: number;
}

/** Seconds that a program may keep silent, where a case may take longer. */
const PATIENCE = 10;
/** Milliseconds in which one that cannot be run is known not to. */
const BEGIN_MS = 2000;
/** What a shell answers for what it cannot run. */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

export function withSubjects(command: Command): Command {
  return command
    .option('--subject <file>', 'a module of your own that is one more subject: exports `subject`')
    .option('--subject-cmd <command>', 'a program that is one more subject: JSON lines')
    .option('--known <file>', 'known answers of any algorithm: a JSON array');
}

/** What the options say; undefined where none is given. */
export function specOf(flags: SubjectFlags): SubjectSpec | undefined {
  const { subject, subjectCmd, known, caseTime } = flags;
  if (subject === undefined && subjectCmd === undefined) {
    if (known === undefined) return undefined;
    throw new UsageError('--known: needs --subject or --subject-cmd');
  }
  return {
    module: subject ?? null,
    command: subjectCmd ?? null,
    known: known ?? null,
    seconds: Math.min(PATIENCE, caseTime),
  };
}

/** All sides, theirs among them. @throws UsageError whose one line says what cannot be had */
export async function admittedOf(spec: SubjectSpec | undefined): Promise<Admitted> {
  if (spec === undefined) return { sidesOf: allSides, algs: null };
  if (spec.command !== null) refuseCommand(spec.command);
  try {
    return await admitSubjects(spec);
  } catch (error) {
    if (error instanceof SubjectError) throw new UsageError(`--subject: ${error.message}`);
    throw error;
  }
}

/**
 * What cannot be run is said once, and not of every case. The program begins without a question, and ends.
 * @throws UsageError whose one line names the command
 */
function refuseCommand(command: string): void {
  const shown = command.split('\n')[0];
  if (command.trim() === '') throw new UsageError('--subject-cmd: empty');
  if (spawnSync('/bin/sh', ['-n', '-c', command], { stdio: 'ignore' }).status !== 0) {
    throw new UsageError(`--subject-cmd: '${shown}' is not a command of a shell`);
  }
  const begun = { stdio: 'ignore', timeout: BEGIN_MS, killSignal: 'SIGKILL' } as const;
  const { status } = spawnSync('/bin/sh', ['-c', command], begun);
  if (status === NOT_FOUND || status === NOT_EXECUTABLE) {
    throw new UsageError(`--subject-cmd: '${shown}' cannot be run: exit code ${status}`);
  }
}

/** @throws UsageError where a run is about the sides of this project alone */
export function refuseSubjects(flags: SubjectFlags, option: string): void {
  const { subject, subjectCmd, known } = flags;
  if (subject !== undefined || subjectCmd !== undefined || known !== undefined) {
    throw new UsageError(`${option}: not with --subject, --subject-cmd or --known`);
  }
}
