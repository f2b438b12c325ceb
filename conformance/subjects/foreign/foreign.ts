/**
 * Subjects from elsewhere: a module of somebody's own, or a program that is asked; with algorithms that the
 * table lacks, by a reference of their own or by known answers.
 * @module
 */

import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Machine } from '../../../src/machine/machine.ts';
import { addDrivers, driversOf } from '../../algorithms/drivers.ts';
import { type Algorithm, TYPE_OF } from '../../algorithms/row.ts';
import { addAlgorithms, algorithmOf } from '../../algorithms.ts';
import { addVectors } from '../../vectors/load.ts';
import type { Side } from '../machine-subject.ts';
import { allSides } from '../sides.ts';
import { SubjectError } from '../subject-error.ts';
import { GuardedSide, inOneLine } from './guarded-side.ts';
import { checkKnown, knownRow, type OwnVector, readKnown, vectorsOf } from './known.ts';
import { ProcessSide } from './process-side.ts';

/** What a module exports as `subject`. */
export interface ForeignSubject {
  readonly name: string;
  /** Its sides over a machine: mostly one. Each has a name of its own. */
  readonly sides: (machine: Machine) => readonly Side[];
  /** What it is about; a run without `--alg` draws from these. Absent: from everything. */
  readonly algs?: readonly string[];
  /** Rows of algorithms that the table lacks, each with its reference. */
  readonly algorithms?: readonly Algorithm[];
  /** Known answers, of any algorithm. */
  readonly vectors?: readonly OwnVector[];
}

/** Where subjects are: plain data, for threads and reports. */
export interface SubjectSpec {
  /** A file that exports `subject`; null for none. */
  readonly module: string | null;
  /** A program for a shell; null for none. */
  readonly command: string | null;
  /** A file of known answers; null for none. */
  readonly known: string | null;
  /** Seconds that an answer may take. */
  readonly seconds: number;
}

/** What is there once it is loaded. */
export interface Admitted {
  /** All sides of this project, and theirs behind them. */
  readonly sidesOf: (machine: Machine) => readonly Side[];
  /** What they are about; null: everything. */
  readonly algs: readonly string[] | null;
}

/** What a program is called. */
const PROGRAM = 'subject';
const KINDS: readonly string[] = Object.keys(TYPE_OF);
const OURS: readonly string[] = ['legacy', 'converted', 'lib', 'front', 'harness', 'reference'];

const admitted = new Map<string, Promise<Admitted>>();

/**
 * Loads subjects, and adds what they bring to the table: once in a thread.
 * @throws SubjectError whose one line says what is wrong
 */
export function admitSubjects(spec: SubjectSpec): Promise<Admitted> {
  const key = JSON.stringify(spec);
  let known = admitted.get(key);
  if (known === undefined) {
    known = admit(spec);
    admitted.set(key, known);
  }
  return known;
}

async function admit(spec: SubjectSpec): Promise<Admitted> {
  const { module, command, known, seconds } = spec;
  const subject = module === null ? null : await load(module, seconds);
  addRows(subject?.algorithms ?? [], subject?.name ?? PROGRAM);
  const own = [
    ...(subject?.vectors === undefined
      ? []
      : vectorsOf(checkKnown(subject.vectors, `${module}: vectors`), subject.name)),
    ...(known === null ? [] : vectorsOf(readKnown(known), `known answers: ${known}`)),
  ];
  const algs = [...new Set(own.map(({ alg }) => alg))];
  const unknown = algs.filter((alg) => algorithmOf(alg) === null);
  const rows = unknown.map((alg) =>
    knownRow(
      alg,
      own.filter((vector) => vector.alg === alg),
    ),
  );
  addRows(rows, subject?.name ?? PROGRAM);
  addVectors(own);
  const foreign = (machine: Machine): readonly Side[] => [
    ...(subject === null ? [] : namedSides(subject, machine)),
    ...(command === null ? [] : [new ProcessSide(PROGRAM, command, seconds)]),
  ];
  const theirs = subject?.algs ?? null;
  return {
    sidesOf: (machine) => [...allSides(machine), ...foreign(machine)],
    algs: theirs === null ? null : [...new Set([...theirs, ...algs])],
  };
}

/** @throws SubjectError where it is none */
async function load(file: string, seconds: number): Promise<ForeignSubject> {
  let exports: Record<string, unknown>;
  const end = new AbortController();
  try {
    const late = setTimeout(seconds * 1000, null, { signal: end.signal });
    const loaded = import(pathToFileURL(resolve(file)).href);
    const first: Record<string, unknown> | null = await Promise.race([loaded, late]);
    if (first === null) throw new SubjectError(`is not loaded after ${seconds} s`);
    exports = first;
  } catch (error) {
    const why =
      error instanceof SubjectError ? error.message : `cannot be loaded: ${inOneLine(error)}`;
    throw new SubjectError(`${file}: ${why}`);
  } finally {
    end.abort();
  }
  const { subject } = exports;
  if (!isSubject(subject)) {
    throw new SubjectError(`${file}: exports no 'subject' with a name and sides(machine)`);
  }
  return subject;
}

function isSubject(given: unknown): given is ForeignSubject {
  return (
    typeof given === 'object' &&
    given !== null &&
    'name' in given &&
    typeof given.name === 'string' &&
    'sides' in given &&
    typeof given.sides === 'function'
  );
}

function namedSides(subject: ForeignSubject, machine: Machine): readonly Side[] {
  const sides = subject.sides(machine);
  for (const { name } of sides) {
    if (OURS.includes(name)) throw new SubjectError(`${subject.name}: a side is called ${name}`);
  }
  return sides.map((side) => new GuardedSide(side));
}

/** @throws SubjectError for what is no row, or is in the table */
function addRows(rows: readonly Algorithm[], driver: string): void {
  for (const row of rows) {
    const { name, kind, key } = row;
    if (typeof name !== 'string' || !KINDS.includes(kind) || typeof key?.check !== 'function') {
      throw new SubjectError(`algorithms: ${String(name)}: no row of the table has this form`);
    }
    if (algorithmOf(name) !== null || driversOf(name).length > 0) {
      throw new SubjectError(`algorithms: ${name} is in the table`);
    }
    addAlgorithms([row]);
    addDrivers([
      {
        ...{ alg: name, driver, kind, async: false, priority: 100, sizes: null },
        ...{ legacy: false, converted: false },
      },
    ]);
  }
}
