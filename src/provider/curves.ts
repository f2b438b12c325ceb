/**
 * Key agreement over curves, by node:crypto: numbers big endian, points as x and y.
 * @module
 */
import { createECDH, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import { Kept } from '../kept.ts';

/** The curves that the kernel has for key agreement, by OpenSSL's names. */
export type CurveName = 'prime192v1' | 'prime256v1' | 'secp384r1';

const points = new Kept<Uint8Array>();
const common = new Kept<Uint8Array | null>();

/** Bytes as what is told by its value. */
function told(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** The point of a private key; not to be written to. */
export function ecdhPublic(curve: CurveName, secret: Uint8Array): Uint8Array {
  return points.of([curve, told(secret)], () => {
    const ecdh = createECDH(curve);
    ecdh.setPrivateKey(secret);
    // Without the byte that says that both coordinates follow.
    return new Uint8Array(ecdh.getPublicKey()).slice(1);
  });
}

/** The x of the common point, or null when the other's is not on the curve; not to be written to. */
export function ecdhShared(
  curve: CurveName,
  secret: Uint8Array,
  peer: Uint8Array,
): Uint8Array | null {
  const asked = [curve, told(secret), told(peer)];
  return common.of(asked, () => computeShared(curve, secret, peer));
}

function computeShared(curve: CurveName, secret: Uint8Array, peer: Uint8Array): Uint8Array | null {
  const ecdh = createECDH(curve);
  ecdh.setPrivateKey(secret);
  try {
    return new Uint8Array(ecdh.computeSecret(Uint8Array.from([4, ...peer])));
  } catch {
    return null;
  }
}

/** A raw key of Curve25519 behind these bytes is PKCS #8, and SubjectPublicKeyInfo (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI = Buffer.from('302a300506032b656e032100', 'hex');

/**
 * Curve25519 (RFC 7748). @returns null for a point of low order, where the common one is zero; not to be
 * written to.
 */
export function x25519(secret: Uint8Array, point: Uint8Array): Uint8Array | null {
  return common.of(['', told(secret), told(point)], () => computeX25519(secret, point));
}

function computeX25519(secret: Uint8Array, point: Uint8Array): Uint8Array | null {
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8, secret]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey({
    key: Buffer.concat([SPKI, point]),
    format: 'der',
    type: 'spki',
  });
  try {
    return new Uint8Array(diffieHellman({ privateKey, publicKey }));
  } catch {
    return null;
  }
}
