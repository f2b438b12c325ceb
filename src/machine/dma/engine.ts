/**
 * A crypto engine that does DMA: a ring of jobs, a write-back behind each, and interrupts.
 *
 * The device has no other way to memory than its mappings: key, IV and text come through them, and what a
 * job made stands in the device until it is written back. A job takes three steps, each when the scheduler
 * says so: read and compute, write back, interrupt.
 * C: drivers/crypto/ccree, drivers/crypto/inside-secure, drivers/crypto/stm32 (6.1), the shape
 * @module
 */
import { assert } from '../../assert.ts';
import { EBADMSG, EBUSY, EIO, type Errno, ETIMEDOUT } from '../../errno.ts';
import type { ByteMemory, Provider } from '../../provider/provider.ts';
import { type DmaAddr, type MemAddr, physAddr } from '../../units.ts';
import type { Machine } from '../machine.ts';
import { WorkQueue } from '../scheduler.ts';
import { DmaDevice, type DmaDeviceOptions } from './device.ts';
import type { DmaSegments } from './iommu.ts';

/** What a job does. */
export type EngineMode = 'cbc' | 'ctr' | 'gcm' | 'sha256';

/** Where a context record has key, IV and tag or digest, and its size: two lines of a cache. */
export const ENGINE_KEY = 0;
export const ENGINE_IV = 32;
export const ENGINE_RESULT = 64;
export const ENGINE_CONTEXT = 128;

const BLOCK = 16;
const GCM_IV = 12;
const DIGEST = 32;

/** What an engine is like. */
export interface EngineTemper extends DmaDeviceOptions {
  /** Segments that the descriptor of a list holds at most. */
  readonly segments: number;
  /** What is written begins and ends at a multiple of it; 1 for anywhere. */
  readonly alignment: number;
  /** Jobs that the ring holds. */
  readonly depth: number;
  /** How a step fails: an error interrupt for its job, or silence, until a watchdog resets the device. */
  readonly failure: 'interrupt' | 'hang';
}

/** An engine that joins what an IOMMU lets it, is coherent, and says when it failed. */
export const SGDMA: EngineTemper = {
  ...{ name: 'sgdma', iommu: true, granule: 4096, segBoundaryMask: 0xffff, maxSegSize: 8192 },
  ...{ segments: 8, alignment: 1, depth: 4, failure: 'interrupt' },
};

/** An engine that sees memory as it is, writes whole cache lines, has two descriptors, and falls silent. */
export const LINEDMA: EngineTemper = {
  ...{ name: 'linedma', dmaMask: 2 ** 40 - 1, cacheLine: 64, maxSegSize: 4096 },
  ...{ segments: 4, alignment: 64, depth: 2, failure: 'hang' },
};

/** A list as a descriptor names it, from byte `skip` on. */
export interface EngineList {
  readonly segments: DmaSegments;
  readonly skip: number;
}

/** One job: `adlen` bytes and then `len` bytes of text in, the text out. */
export interface EngineJob {
  readonly mode: EngineMode;
  readonly enc: boolean;
  /** The context record: key and IV in, IV and tag or digest out. A decryption brings its tag. */
  readonly context: DmaAddr;
  readonly keylen: number;
  readonly authsize: number;
  readonly adlen: number;
  readonly len: number;
  /** In this order: associated data and text may lie in lists of their own. */
  readonly src: readonly EngineList[];
  readonly dst: EngineList | null;
  /** In the interrupt: 0, -EBADMSG, -EIO or -ETIMEDOUT. */
  readonly done: (err: Errno) => void;
}

/** What a job has made and not written back. */
interface Made {
  readonly text: Uint8Array;
  readonly iv: Uint8Array;
  readonly result: Uint8Array;
  readonly err: Errno;
}

export class CryptoEngineDevice {
  readonly dma: DmaDevice;
  readonly temper: EngineTemper;
  private readonly machine: Machine;
  private readonly provider: Provider;
  private readonly steps: WorkQueue;
  private readonly interrupts: WorkQueue;
  private readonly timer: WorkQueue;
  private ring: EngineJob[] = [];
  private epoch = 0;

  constructor(machine: Machine, temper: EngineTemper, provider: Provider) {
    this.machine = machine;
    this.temper = temper;
    this.provider = provider;
    this.dma = new DmaDevice(machine, temper);
    this.steps = new WorkQueue(`${temper.name}/ring`, 'task');
    this.interrupts = new WorkQueue(`${temper.name}/irq`, 'softirq');
    this.timer = new WorkQueue(`${temper.name}/watchdog`, 'softirq');
  }

  /** True while the ring has room. */
  get hasRoom(): boolean {
    this.forget();
    return this.ring.length < this.temper.depth;
  }

  /** Puts a job into the ring. @returns 0, or -EBUSY when it is full. */
  submit(job: EngineJob): Errno {
    if (!this.hasRoom) return -EBUSY;
    this.ring.push(job);
    if (this.ring.length === 1) this.kick();
    return 0;
  }

  /** A machine that was reset has forgotten its work, and these jobs with it. */
  private forget(): void {
    if (this.epoch !== this.machine.epoch) this.ring = [];
    this.epoch = this.machine.epoch;
  }

  private kick(): void {
    this.machine.scheduler.queueWork(this.steps, () => this.start());
  }

  /** Reads and computes. */
  private start(): void {
    const [job] = this.ring;
    if (job === undefined) return;
    if (this.machine.faults.hit('device')) {
      if (this.temper.failure === 'interrupt') this.raise(job, -EIO);
      else this.machine.scheduler.queueWork(this.timer, () => this.reset());
      return;
    }
    const made = this.compute(job);
    this.machine.scheduler.queueWork(this.steps, () => this.writeBack(job, made));
  }

  private writeBack(job: EngineJob, { text, iv, result, err }: Made): void {
    if (job.dst !== null) this.store(job.dst, text);
    this.dma.store(physAddr(job.context + ENGINE_IV), iv);
    if (job.enc) this.dma.store(physAddr(job.context + ENGINE_RESULT), result);
    this.raise(job, err);
  }

  /** The job leaves the ring, and its interrupt comes. */
  private raise(job: EngineJob, err: Errno): void {
    this.ring.shift();
    if (this.ring.length > 0) this.kick();
    this.machine.scheduler.queueWork(this.interrupts, () => job.done(err));
  }

  /** Nothing was heard for too long: everything in the ring is lost. */
  private reset(): void {
    const lost = this.ring;
    this.ring = [];
    for (const job of lost) job.done(-ETIMEDOUT);
  }

  private compute(job: EngineJob): Made {
    const { mode, enc, keylen, context, adlen, len } = job;
    const key = this.read(context + ENGINE_KEY, keylen);
    const iv = this.read(context + ENGINE_IV, BLOCK);
    const input = this.gather(job.src, adlen + len);
    const text = input.subarray(adlen);
    const memory = new Buffered(text);
    const at = physAddr(0);
    const result = new Uint8Array(DIGEST);
    let err = 0;
    if (mode === 'sha256') {
      const state = this.provider.sha256();
      state.updateBytes(text);
      state.digest(result);
    } else if (mode === 'gcm') {
      err = this.gcm(job, key, iv, input, result);
    } else {
      const aes = this.provider.aes(key);
      if (mode === 'ctr') aes.ctrCrypt(memory, at, at, len, iv);
      else if (enc) aes.cbcEncrypt(memory, at, at, len, iv);
      else aes.cbcDecrypt(memory, at, at, len, iv);
    }
    return { text, iv, result, err };
  }

  private gcm(
    { enc, authsize, context, adlen, len }: EngineJob,
    key: Uint8Array,
    iv: Uint8Array,
    input: Uint8Array,
    result: Uint8Array,
  ): Errno {
    const memory = new Buffered(input);
    const state = this.provider.aesGcm(key).start(enc, iv.subarray(0, GCM_IV), authsize);
    state.aad(memory, physAddr(0), adlen);
    state.crypt(memory, physAddr(adlen), physAddr(adlen), len);
    if (enc) {
      state.tag(result.subarray(0, BLOCK));
      return 0;
    }
    return state.verify(this.read(context + ENGINE_RESULT, authsize)) ? 0 : -EBADMSG;
  }

  private read(at: number, len: number): Uint8Array {
    return this.dma.load(physAddr(at), len).slice();
  }

  /** The first `len` bytes of lists that lie one behind the other. */
  private gather(lists: readonly EngineList[], len: number): Uint8Array {
    const out = new Uint8Array(len);
    let done = 0;
    for (const list of lists) {
      done += eachRun(list, len - done, (at, from, part) => {
        out.set(this.dma.load(at, part), done + from);
      });
    }
    assert(done === len, 'a descriptor is as long as its job');
    return out;
  }

  private store(list: EngineList, bytes: Uint8Array): void {
    const done = eachRun(list, bytes.length, (at, from, part) => {
      this.dma.store(at, bytes.subarray(from, from + part));
    });
    assert(done === bytes.length, 'a descriptor is as long as its job');
  }
}

/** Calls `run` for each piece of the first `len` bytes. @returns how many there were. */
function eachRun(
  { segments, skip }: EngineList,
  len: number,
  run: (at: MemAddr & ReturnType<typeof physAddr>, from: number, part: number) => void,
): number {
  let left = skip;
  let done = 0;
  for (let k = 0; k < segments.nr && done < len; k++) {
    const inside = Math.min(left, segments.len[k]);
    left -= inside;
    const part = Math.min(segments.len[k] - inside, len - done);
    if (part === 0) continue;
    run(physAddr(segments.addr[k] + inside), done, part);
    done += part;
  }
  return done;
}

/** Memory of the device itself. */
class Buffered implements ByteMemory {
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  load(at: MemAddr, len: number): Uint8Array {
    return this.bytes.subarray(at, at + len);
  }

  store(at: MemAddr, bytes: Uint8Array): void {
    this.bytes.set(bytes, at);
  }
}
