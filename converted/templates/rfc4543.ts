/**
 * rfc4543(gcm): GMAC in the IPsec form. The text is associated data too, and is not encrypted.
 *
 * What the conversion removed: the associated data is not copied to the destination, and the text only
 * because the caller wants it there. The tag is over two lists, one behind the other.
 * C: crypto/gcm.c crypto_rfc4543_* (6.1)
 * @module
 */

import { GCM_IV_SIZE } from '../../src/crypto/catalogue.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { callAead } from '../child.ts';
import { bvecRuns } from '../lower/walk.ts';
import { NO_LIST } from '../op.ts';
import { parts } from '../parts.ts';
import type { AeadTemplateOp, CryptoTemplate } from '../template.ts';
import { ipsecForm, ipsecIv } from './rfc4106.ts';

const GCM = 0;
const NONCE_SIZE = 4;
const TAG_SIZE = 16;

/** @kernel crypto_rfc4543_tmpl */
export const rfc4543: CryptoTemplate = ipsecForm({
  name: 'rfc4543',
  ivsize: GCM_IV_SIZE,
  nonce: NONCE_SIZE,
  checkAuthsize: (authsize) => (authsize === TAG_SIZE ? 0 : -EINVAL),
  crypt: [copyText, mac],
});

function copyText({ src, dst, len, walk }: AeadTemplateOp): Errno {
  return bvecRuns(walk, src, dst, len, 1, (run) => {
    if (run.src !== run.dst) run.mem.copy(run.dst, run.src, run.len);
  });
}

function mac(op: AeadTemplateOp): Errno {
  return callAead(op, GCM, parts(op, op.ad, op.src), NO_LIST, NO_LIST, 0, ipsecIv(op));
}
