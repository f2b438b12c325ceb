/**
 * The thread in which promises of the front door are awaited. A program: it answers what it is sent, one after
 * the other, and wakes whoever waits.
 * @module
 */
import { type MessagePort, workerData } from 'node:worker_threads';
import { FrontCaller, Unasked } from './front-caller.ts';
import type { FrontAnswer, FrontQuestion } from './question.ts';

/** What the thread is started with. */
export interface FrontThreadData {
  readonly port: MessagePort;
  /** One number: 1 when an answer has been sent. */
  readonly answered: Int32Array;
}

/** What it says: an answer, or why there is none. */
export type FrontSaid = { readonly answer: FrontAnswer } | { readonly absent: string };

const { port, answered }: FrontThreadData = workerData;
const caller = new FrontCaller();

async function said(question: FrontQuestion): Promise<FrontSaid> {
  try {
    return { answer: await caller.ask(question) };
  } catch (error) {
    if (error instanceof Unasked) return { absent: error.message };
    throw error;
  }
}

process.on('uncaughtException', (error) => caller.strayed(error));

port.on('message', async (question: FrontQuestion) => {
  port.postMessage(await said(question));
  Atomics.store(answered, 0, 1);
  Atomics.notify(answered, 0);
});
