/**
 * The lookup and queue parts of the module.
 * @module
 */
import {
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_INTERNAL,
  CRYPTO_TFM_REQ_MAY_BACKLOG,
} from '../../../src/crypto/algorithm.ts';
import { EBUSY, EINPROGRESS, ENOSPC } from '../../../src/errno.ts';
import { must } from '../../../src/machine/access.ts';
import { cryptoAllocAead, cryptoFreeAead } from '../../../legacy/aead.ts';
import {
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  type SkcipherRequest,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../../../legacy/skcipher.ts';
import type { Probe } from './probe.ts';

const CRYPTD = 'cryptd(cbc(aes-generic))';

const SKCIPHERS: readonly string[] = [
  'aes',
  'ecb(aes)',
  'cbc(aes)',
  'ctr(aes)',
  'xts(aes)',
  'xts(ecb(aes))',
  'xts(ecb(aes-generic))',
  'ecb(aes-generic)',
  'cbc-aes-lib',
  'ecb-aes-lib',
  'xts-aes-lib',
  'cts(cbc(aes))',
  'rfc3686(ctr(aes))',
  'essiv(cbc(aes),sha256)',
  'lrw(aes)',
  'lrw(ecb(aes))',
  'adiantum(xchacha12,aes)',
  CRYPTD,
  'pcbc(aes)',
  'nosuch',
  'cbc(nosuch)',
  'cbc(aes',
  'cbc(aes)x',
  'cbc',
  'cbc()',
  'cbc(aes,aes)',
  'cbc(sha256)',
  'xts(cbc(aes))',
  'cts(ctr(aes))',
  'cts(aes)',
  'sha256',
  'gcm(aes)',
  'cbc(aes-generic)',
  'cbc(ecb(aes))',
  '',
  'ctr(cbc(aes))',
  'cbc( aes)',
];

const AEADS: readonly string[] = [
  'gcm(aes)',
  'gcm_base(ctr(aes),ghash)',
  'gcm(cbc(aes))',
  'ccm(aes)',
  'ccm_base(ctr(aes),cbcmac(aes))',
  'rfc4106(gcm(aes))',
  'rfc4309(ccm(aes))',
  'rfc4543(gcm(aes))',
  'rfc7539(chacha20,poly1305)',
  'rfc7539esp(chacha20,poly1305)',
  'authenc(hmac(sha1),cbc(aes))',
  'authencesn(hmac(sha1),cbc(aes))',
  'seqiv(rfc4106(gcm(aes)))',
  'echainiv(authenc(hmac(sha1),cbc(aes)))',
  'cryptd(gcm(aes))',
  'gcm(gcm(aes))',
  'cbc(aes)',
  'authenc(sha1,cbc(aes))',
  'authenc(hmac(sha1),aes)',
  'rfc7539(chacha20,ghash)',
  'krb5enc(cmac(camellia),cts(cbc(camellia)))',
];

/** @kernel none: name_tests of the module */
export function nameLines(probe: Probe): void {
  for (const name of SKCIPHERS) skcipherLine(probe, name);
  for (const name of AEADS) aeadLine(probe, name);
  const lookup = (name: string, type: number, mask: number): number => {
    const tfm = cryptoAllocSkcipher(probe.api, name, type, mask);
    if (typeof tfm === 'number') return tfm;
    cryptoFreeSkcipher(tfm);
    return 0;
  };
  const async = CRYPTO_ALG_ASYNC;
  const internal = CRYPTO_ALG_INTERNAL;
  probe.print(`cbc(aes) type=ASYNC mask=ASYNC -> ${lookup('cbc(aes)', async, async)}`);
  probe.print(`cryptd(cbc(aes)) mask=ASYNC (want sync) -> ${lookup(CRYPTD, 0, async)}`);
  probe.print(`cbc(aes) INTERNAL/INTERNAL -> ${lookup('cbc(aes)', internal, internal)}`);
  probe.print(`199 char name -> ${lookup('a'.repeat(199), 0, 0)}`);
  probe.print(`127 char name -> ${lookup('a'.repeat(127), 0, 0)}`);
  probe.print(`127 char cbc(...) -> ${lookup(`cbc(${'a'.repeat(122)})`, 0, 0)}`);
}

function skcipherLine(probe: Probe, name: string): void {
  const tfm = cryptoAllocSkcipher(probe.api, name, 0, 0);
  if (typeof tfm === 'number') {
    probe.print(`name sk "${name}" -> ${tfm}`);
    return;
  }
  const { alg } = tfm;
  const sizes = `bs ${alg.blocksize} am ${alg.alignmask} iv ${alg.ivsize} chunk ${alg.chunksize}`;
  const keys = `min ${alg.minKeysize} max ${alg.maxKeysize}`;
  probe.print(
    `name sk "${name}" -> name ${alg.name} drv ${alg.driverName} prio ${alg.priority} ${sizes} ${keys} flags 0x${alg.flags.toString(16)} reqsize ${alg.reqsize ?? 0}`,
  );
  cryptoFreeSkcipher(tfm);
}

function aeadLine(probe: Probe, name: string): void {
  const tfm = cryptoAllocAead(probe.api, name, 0, 0);
  if (typeof tfm === 'number') {
    probe.print(`name aead "${name}" -> ${tfm}`);
    return;
  }
  const { alg } = tfm;
  const sizes = `bs ${alg.blocksize} am ${alg.alignmask} iv ${alg.ivsize}`;
  probe.print(
    `name aead "${name}" -> name ${alg.name} drv ${alg.driverName} prio ${alg.priority} ${sizes} maxauth ${alg.maxauthsize} chunk ${alg.chunksize} flags 0x${alg.flags.toString(16)}`,
  );
  cryptoFreeAead(tfm);
}

const SUBMISSIONS = 1100;
const WITH_BACKLOG = 1050;

/** @kernel none: async_tests of the module */
export function cryptdLines(probe: Probe): void {
  const { machine, api } = probe;
  const tfm = cryptoAllocSkcipher(api, CRYPTD, 0, 0);
  if (typeof tfm === 'number') throw new Error(`${CRYPTD}: ${tfm}`);
  const { alg } = tfm;
  probe.print(
    `cryptd drv ${alg.driverName} prio ${alg.priority} flags 0x${alg.flags.toString(16)}`,
  );
  cryptoSkcipherSetkey(tfm, probe.key.slice(0, 16));
  const sg = probe.one(0, 16);
  const order: number[] = [];
  let notices = 0;
  let context = 0;
  const returned = new Map<number, number>();
  let firstBusy = -1;
  const requests: SkcipherRequest[] = [];
  for (let i = 0; i < SUBMISSIONS; i++) {
    const req = must(skcipherRequestAlloc(tfm));
    requests.push(req);
    const done = (_: unknown, err: number) => {
      if (err === -EINPROGRESS) notices++;
      else if (order.push(i) === 1) context = contextBits(probe);
    };
    const flags = i < WITH_BACKLOG ? CRYPTO_TFM_REQ_MAY_BACKLOG : 0;
    skcipherRequestSetCallback(req, flags, done, null);
    skcipherRequestSetCrypt(req, sg, sg, 16, new Uint8Array(16));
    const err = cryptoSkcipherEncrypt(req);
    returned.set(err, (returned.get(err) ?? 0) + 1);
    if (err === -EBUSY && firstBusy < 0) firstBusy = i;
  }
  const count = (err: number) => returned.get(-err) ?? 0;
  const accepted = count(EINPROGRESS) + count(EBUSY);
  const other = SUBMISSIONS - accepted - count(ENOSPC);
  probe.print(
    `cryptd submit 1100 (first 1050 BACKLOG): EINPROGRESS ${count(EINPROGRESS)} EBUSY ${count(EBUSY)} (first at ${firstBusy}) ENOSPC ${count(ENOSPC)} other ${other}; done already ${order.length}`,
  );
  machine.scheduler.drain();
  probe.print(
    `cryptd completions ${order.length} backlog-notices ${notices} order ${order.slice(0, 4).join(' ')} ctx(1=softirq,2=irqoff,4=task) ${context}`,
  );
  for (const req of requests) skcipherRequestFree(req);
  cryptoFreeSkcipher(tfm);
  nokeyLine(probe);
}

function nokeyLine(probe: Probe): void {
  const tfm = cryptoAllocSkcipher(probe.api, CRYPTD, 0, 0);
  if (typeof tfm === 'number') throw new Error(`${CRYPTD}: ${tfm}`);
  const req = must(skcipherRequestAlloc(tfm));
  const sg = probe.one(0, 16);
  skcipherRequestSetCrypt(req, sg, sg, 16, new Uint8Array(16));
  probe.print(`cryptd without key: ${cryptoSkcipherEncrypt(req)}`);
  skcipherRequestFree(req);
  cryptoFreeSkcipher(tfm);
}

/** 1 in softirq, 2 with interrupts off, 4 in a task. */
function contextBits({ machine: { context } }: Probe): number {
  return (
    Number(context.inSoftirq()) + 2 * Number(context.hardirq > 0) + 4 * Number(context.inTask())
  );
}
