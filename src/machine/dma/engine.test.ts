/**
 * Goal: an engine does its jobs through its mappings and by its temper; every way to misuse it is a named bug.
 * Method: jobs on memory of a test, one rule broken at a time.
 */
import { createCipheriv } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { EBUSY, EIO, ETIMEDOUT } from '../../errno.ts';
import { opensslProvider } from '../../provider/openssl/openssl.ts';
import { type DmaAddr, PAGE_SIZE, type PhysAddr, physAddr } from '../../units.ts';
import { must } from '../access.ts';
import { Machine, pageAddress } from '../machine.ts';
import { dmaMapPhys, dmaSyncForCpu, dmaUnmapPhys } from './dma.ts';
import { CryptoEngineDevice, type EngineJob, LINEDMA, SGDMA } from './engine.ts';
import { type EngineMemory, engineMemoryClose, engineRecord } from './engine-record.ts';
import { DmaSegments, dmaSegmentsAppend } from './iommu.ts';
import { DMA_BIDIRECTIONAL, DMA_FROM_DEVICE, DMA_TO_DEVICE, type DmaDirection } from './ledger.ts';

const KEY = new Uint8Array(16).fill(7);
const IV = new Uint8Array(16).fill(9);
const TEXT = Uint8Array.from({ length: 64 }, (_, i) => i);

let machine: Machine;
let engine: CryptoEngineDevice;
let record: EngineMemory;
let at: PhysAddr;

function setUp(temper = SGDMA): void {
  machine = new Machine({ memory: 4 << 20 });
  engine = new CryptoEngineDevice(machine, temper, opensslProvider);
  const made = engineRecord(engine.dma, KEY, IV, new Uint8Array(0));
  expect.assert(typeof made !== 'number');
  record = made;
  at = pageAddress(must(machine.allocPages(0, 'test')), 0);
  machine.fill(at, PAGE_SIZE, 0);
  machine.store(at, TEXT);
}

beforeEach(() => setUp());

function segmentsOf(address: number, len = TEXT.length): DmaSegments {
  const segments = new DmaSegments();
  dmaSegmentsAppend(segments, address, len);
  return segments;
}

function job(address: number, done: EngineJob['done'] = () => {}): EngineJob {
  const list = { segments: segmentsOf(address), skip: 0 };
  const sizes = { keylen: 16, authsize: 0, adlen: 0, len: TEXT.length };
  const about = { mode: 'ctr', enc: true, context: record.address } as const;
  return { ...about, ...sizes, src: [list], dst: list, done };
}

function map(dir: DmaDirection = DMA_BIDIRECTIONAL): DmaAddr {
  return dmaMapPhys(engine.dma, at, TEXT.length, dir);
}

test('a job is seen by the CPU when it was written back and unmapped, not before', () => {
  const address = map();
  const answers: number[] = [];
  engine.submit(job(address, (err) => answers.push(err)));
  machine.scheduler.runOne();
  expect(machine.mem.load(at, TEXT.length)).toEqual(TEXT);
  machine.scheduler.runOne();
  expect(answers).toEqual([]);
  expect(() => machine.load(at, 1)).toThrow('CPU access to memory that a device owns');
  machine.scheduler.drain();
  expect(answers).toEqual([0]);
  dmaUnmapPhys(engine.dma, address, TEXT.length, DMA_BIDIRECTIONAL);
  const cipher = createCipheriv('aes-128-ctr', KEY, IV);
  expect(Buffer.from(machine.load(at, TEXT.length))).toEqual(cipher.update(TEXT));
  engineMemoryClose(record);
});

test.each<[string, () => void, string]>([
  ['memory that is not mapped', () => engine.submit(job(0x5000)), 'outside its mappings'],
  [
    'a source that is written to',
    () => engine.submit(job(map(DMA_TO_DEVICE))),
    'against the direction of the mapping',
  ],
  [
    'a destination that is read',
    () => engine.submit(job(map(DMA_FROM_DEVICE))),
    'against the direction of the mapping',
  ],
  [
    'memory that the CPU has taken back',
    () => {
      const address = map();
      dmaSyncForCpu(engine.dma, address, TEXT.length, DMA_BIDIRECTIONAL);
      engine.submit(job(address));
    },
    'device access to memory that the CPU owns',
  ],
  [
    'memory that is unmapped in flight',
    () => {
      const address = map();
      engine.submit(job(address));
      machine.scheduler.runOne();
      dmaUnmapPhys(engine.dma, address, TEXT.length, DMA_BIDIRECTIONAL);
    },
    'outside its mappings',
  ],
])('%s is a fault of the device', (_name, submit, words) => {
  submit();
  expect(() => machine.scheduler.drain()).toThrow(words);
});

test('a ring that is full takes no job until one has left it', () => {
  const address = map();
  const answers = Array.from({ length: SGDMA.depth + 1 }, () => engine.submit(job(address)));
  expect(answers).toEqual([...Array.from({ length: SGDMA.depth }, () => 0), -EBUSY]);
  machine.scheduler.drain();
  expect(engine.submit(job(address))).toBe(0);
});

test('an engine that says when it failed loses one job', () => {
  const address = map();
  const answers: number[] = [];
  machine.faults.arm([{ point: 'device', nth: 1 }]);
  for (let i = 0; i < 2; i++) engine.submit(job(address, (err) => answers.push(err)));
  machine.scheduler.drain();
  expect(answers).toEqual([-EIO, 0]);
});

test('an engine that falls silent is reset, and loses all of its ring', () => {
  setUp(LINEDMA);
  const address = map();
  const answers: number[] = [];
  machine.faults.arm([{ point: 'device', nth: 1 }]);
  for (let i = 0; i < 2; i++) engine.submit(job(address, (err) => answers.push(err)));
  machine.scheduler.drain();
  expect(answers).toEqual([-ETIMEDOUT, -ETIMEDOUT]);
  engine.submit(job(address, (err) => answers.push(err)));
  machine.scheduler.drain();
  expect(answers.at(-1)).toBe(0);
});

test('the CPU must not write to the rest of a cache line that a device owns, where caches are not coherent', () => {
  const beside = physAddr(at + TEXT.length - 8);
  const write = (): void => machine.store(physAddr(beside + 4), Uint8Array.of(1));
  map();
  expect(write).toThrow('a device owns');
  setUp(LINEDMA);
  dmaMapPhys(engine.dma, at, 20, DMA_FROM_DEVICE);
  const behind = physAddr(at + 20);
  expect(() => machine.store(behind, Uint8Array.of(1))).toThrow('CPU write to a cache line');
  machine.store(physAddr(at + 64), Uint8Array.of(1));
  setUp();
  dmaMapPhys(engine.dma, at, 20, DMA_FROM_DEVICE);
  machine.store(physAddr(at + 20), Uint8Array.of(1));
});
