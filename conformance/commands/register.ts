/**
 * Every command, in the order of `--help`.
 * @module
 */
import type { Command } from 'commander';
import { registerAlgorithms } from './algorithms.ts';
import { registerBench } from './bench.ts';
import { registerCertify } from './certify.ts';
import { registerCompare } from './compare.ts';
import { registerConform } from './conform.ts';
import { registerDoctor } from './doctor.ts';
import { registerExplain } from './explain.ts';
import { registerExport } from './export.ts';
import { registerFleet } from './fleet.ts';
import { registerLifetimes } from './lifetimes.ts';
import { registerMerge } from './merge.ts';
import { registerMutants } from './mutants.ts';
import { registerReplay } from './replay.ts';
import { registerReport } from './report.ts';
import { registerSurvey } from './survey.ts';
import { registerVectors } from './vectors.ts';

export function registerCommands(program: Command): void {
  registerConform(program);
  registerReplay(program);
  registerMerge(program);
  registerExplain(program);
  registerAlgorithms(program);
  registerMutants(program);
  registerVectors(program);
  registerLifetimes(program);
  registerExport(program);
  registerCompare(program);
  registerCertify(program);
  registerFleet(program);
  registerDoctor(program);
  registerSurvey(program);
  registerReport(program);
  registerBench(program);
}
