/**
 * A thread of a campaign: does one job after the other until it is told that there is none.
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Machine } from '../../src/machine/machine.ts';
import { admitSubjects } from '../subjects/foreign/foreign.ts';
import { allSides, withStages } from '../subjects/sides.ts';
import { type Assignment, Laboratory } from './laboratory.ts';
import { type Said, SLOT, type ThreadData } from './threads.ts';

const { plan, bail, halfConverted, stop, slot, subject }: ThreadData = workerData;
const port = parentPort;
const stopped = new Int32Array(stop);
const at = new Int32Array(slot);

const say = (said: Said): void => port?.postMessage(said);

const moved = (which: number, value: number): void => {
  Atomics.store(at, which, value);
  Atomics.add(at, SLOT.ticks, 1);
};
const clerk = {
  begins: (number: number): void => moved(SLOT.unit, number),
  runs: (side: number): void => moved(SLOT.side, side),
  stopped: (): boolean => Atomics.load(stopped, 0) !== 0,
};

const ours = subject === undefined ? allSides : (await admitSubjects(subject)).sidesOf;
const sidesOf = withStages(ours, halfConverted);
const laboratory = new Laboratory(sidesOf, plan, bail);
say({ sides: sidesOf(new Machine({ memory: 1 << 20 })).map(({ name }) => name) });

port?.on('message', (assignment: Assignment | null) => {
  if (assignment === null) {
    port.close();
    return;
  }
  const steps = laboratory.work(assignment, clerk);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done !== true) continue;
    say({ answer: step.value });
    return;
  }
});
