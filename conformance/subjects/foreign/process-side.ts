/**
 * A program as one more side: it is asked about the bytes of a case, and what it answers is put where the
 * case wants it. Results, errnos and IVs are its own; of memory it has none that could be looked at.
 * @module
 */
import { ENOKEY, type Errno, errnoNumber } from '../../../src/errno.ts';
import { algorithmOf } from '../../algorithms.ts';
import { type Case, isData, isRefused } from '../../case/case.ts';
import { producedLength, type Side } from '../machine-subject.ts';
import type { Operation } from '../operation.ts';
import { type Outcome, refused } from '../outcome.ts';
import { SubjectAbsent, SubjectError } from '../subject-error.ts';
import { Program } from './program.ts';
import { type Answer, questionOf } from './question.ts';

export class ProcessSide implements Side {
  readonly name: string;
  readonly joined = false;
  readonly isForeign = true;
  private readonly command: string;
  private readonly seconds: number;
  private program: Program | null = null;

  /** @param seconds how long it may keep silent */
  constructor(name: string, command: string, seconds: number) {
    this.name = name;
    this.command = command;
    this.seconds = seconds;
  }

  declines(c: Case): string | null {
    if (c.iterator !== undefined) return 'iterators';
    if (isRefused(c)) return 'lists that are refused: a program sees bytes';
    if (c.kind === 'acomp') return 'compression has more than one right answer';
    // What of a key that is refused is left to the next call is a matter of the kernel's state.
    const row = algorithmOf(c.alg);
    return row?.kind === 'skcipher' && row.streams === true ? 'a stream over requests' : null;
  }

  run(op: Operation): Outcome {
    const { c, input } = op;
    const { inplace } = c.layout;
    const src = c.layout.src.map(({ len }) => len);
    const dst = (inplace === 'same' ? c.layout.src : c.layout.dst).map(({ len }) => len);
    const question = { ...questionOf({ ...c, ...input }), inplace, src, dst };
    const outcome = this.outcomeOf(op, this.ask(question));
    if (op.later === null || outcome.unseen?.includes('IV') === true) return outcome;
    return { ...outcome, later: this.outcomeOf(op.later, this.ask(question)) };
  }

  renew(): void {
    this.program?.close();
    this.program = null;
  }

  private ask(question: object): Answer {
    this.program ??= new Program(this.name, this.command, this.seconds);
    try {
      return this.program.ask([question])[0];
    } catch (error) {
      this.renew();
      throw error;
    }
  }

  private outcomeOf({ c, input, memory, dst }: Operation, answer: Answer): Outcome {
    if ('absent' in answer) throw new SubjectAbsent(answer.absent);
    if (!('output' in answer) && !('error' in answer)) {
      const setkey = errnoOf(answer.setkey);
      const setauthsize = errnoOf(answer.setauthsize);
      const ret = setauthsize === 0 ? -ENOKEY : setauthsize;
      return { ...refused(ret), setkey, setauthsize, iv: input.iv, unseen: ['IV', 'OUT'] };
    }
    const iv = answer.iv === undefined ? input.iv : bytesOf(answer.iv);
    const hidden = answer.iv === undefined && iv.length > 0 ? ['IV'] : [];
    if ('error' in answer) {
      // What a failure leaves in the destination is a matter of memory.
      return { ...refused(errnoOf(answer.error)), iv, unseen: [...hidden, 'OUT'] };
    }
    const told = { iv, unseen: hidden };
    const output = bytesOf(answer.output);
    if (c.op === 'digest') return { ...refused(0), ...told, digest: output };
    const room = isData(c) ? c.room : producedLength(c, input, null);
    if (output.length > room || (!isData(c) && output.length < room)) {
      throw new SubjectError(`answered ${output.length} bytes, ${room} were asked for`);
    }
    memory.write(dst, input.ad.length, output);
    return { ...refused(0), ...told, length: isData(c) ? output.length : 0 };
  }
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

/** @throws SubjectError for a name that no errno of these APIs has. */
function errnoOf(name: string | undefined): Errno {
  if (name === undefined) return 0;
  const number = errnoNumber(name);
  if (number === null) throw new SubjectError(`not an answer: no errno is called ${name}`);
  return -number;
}
