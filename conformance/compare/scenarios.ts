/**
 * Where a kernel encrypts and hashes: the shapes of memory that its users have, as data.
 * C: drivers/md/dm-crypt.c, fs/crypto, net/ipv4/esp4.c, ah4.c, drivers/net/macsec.c, wireguard, net/tls,
 * fs/smb/client, net/sunrpc/auth_gss, net/ceph/messenger_v2.c, crypto/af_alg.c, net/mac80211 (6.1 to 7.3)
 * @module
 */
import type { Segment } from '../case/case.ts';

/** How a user keeps its memory, which decides what it must describe anew. */
export type Native = 'bio_vec' | 'kvec' | 'skb' | 'mixed';

export interface Scenario {
  readonly id: string;
  /** File and function of the kernel. */
  readonly who: string;
  readonly alg: string;
  readonly kind: 'skcipher' | 'aead' | 'ahash';
  readonly enc: boolean;
  readonly native: Native;
  /** Bytes of associated data, of text, of the tag. */
  readonly adLen: number;
  readonly len: number;
  readonly tagLen: number;
  readonly src: readonly Segment[];
  /** null: in place. */
  readonly dst: readonly Segment[] | null;
}

const PAGE = 4096;

/** Whole pages. */
function pages(n: number): Segment[] {
  return Array.from({ length: n }, () => ({ kind: 'cache', offset: 0, len: PAGE }) as const);
}

function seg(kind: Segment['kind'], offset: number, len: number): Segment {
  return { kind, offset, len };
}

const AEAD = { kind: 'aead', enc: true, tagLen: 16 } as const;
const CIPHER = { kind: 'skcipher', enc: true, adLen: 0, tagLen: 0 } as const;
const HASH = { kind: 'ahash', enc: true, adLen: 0, tagLen: 0, dst: null } as const;

export const SCENARIOS: readonly Scenario[] = [
  {
    ...{ ...CIPHER, id: 'dm-crypt sector', who: 'dm-crypt.c crypt_convert_block_skcipher' },
    ...{ alg: 'xts(aes)', native: 'bio_vec', len: PAGE },
    ...{ src: pages(1), dst: pages(1) },
  },
  {
    ...{ ...CIPHER, id: 'dm-crypt bio', who: 'dm-crypt.c, a bio of one data unit' },
    ...{ alg: 'ctr(aes)', native: 'bio_vec', len: 16 * PAGE },
    ...{ src: pages(16), dst: pages(16) },
  },
  {
    ...{ ...CIPHER, id: 'fscrypt page', who: 'fs/crypto/crypto.c fscrypt_crypt_data_unit' },
    ...{ enc: false, alg: 'xts(aes)', native: 'bio_vec', len: PAGE, src: pages(1), dst: null },
  },
  {
    ...{ ...AEAD, id: 'ESP with fragments', who: 'net/ipv4/esp4.c esp_output_tail' },
    ...{ alg: 'gcm(aes)', native: 'skb', adLen: 8, len: 1400 },
    src: [seg('slab', 20, 200), seg('page', 100, 600), seg('page', 1024, 600), seg('slab', 0, 8)],
    dst: [seg('slab', 20, 200), seg('page', 0, 1224)],
  },
  {
    ...{ ...AEAD, id: 'MACsec frame', who: 'drivers/net/macsec.c macsec_encrypt' },
    ...{ alg: 'gcm(aes)', native: 'skb', adLen: 20, len: 1480, dst: null },
    src: [seg('slab', 2, 82), seg('page', 66, 700), seg('page', 766, 718), seg('slab', 8, 16)],
  },
  {
    ...{ ...AEAD, id: 'kTLS record', who: 'net/tls/tls_sw.c tls_do_encryption' },
    ...{ alg: 'gcm(aes)', native: 'mixed', adLen: 5, len: 16385 },
    src: [
      seg('slab', 0, 5),
      seg('page', 40, 4056),
      ...pages(3),
      seg('page', 0, 40),
      seg('slab', 1, 1),
    ],
    dst: [seg('slab', 0, 5), ...pages(4), seg('page', 0, 17)],
  },
  {
    ...{ ...AEAD, id: 'SMB3 write', who: 'fs/smb/client/smb2ops.c crypt_message' },
    ...{ alg: 'ccm(aes)', native: 'mixed', adLen: 32, len: 112 + 16 * PAGE, dst: null },
    src: [seg('slab', 20, 32), seg('slab', 0, 112), ...pages(16), seg('slab', 4, 16)],
  },
  {
    ...{ ...CIPHER, id: 'RPCSEC krb5 page', who: 'gss_krb5_crypto.c encryptor' },
    ...{ alg: 'cbc(aes)', native: 'mixed', len: 2 * PAGE + 128 },
    src: [seg('slab', 4, 116), seg('page', 84, 4012), seg('page', 0, 4096), seg('slab', 0, 96)],
    dst: [seg('slab', 4, 116), seg('page', 84, 4012), seg('page', 0, 4096), seg('slab', 0, 96)],
  },
  {
    ...{ ...AEAD, id: 'Ceph message', who: 'net/ceph/messenger_v2.c gcm_crypt' },
    ...{ alg: 'gcm(aes)', native: 'mixed', adLen: 0, len: 48 + 128 * 1024 + 16 },
    src: [
      seg('slab', 8, 48),
      seg('vmalloc', 0, 64 * 1024),
      ...pages(15),
      seg('page', 100, 3996),
      seg('page', 0, 100),
      seg('slab', 0, 16),
    ],
    dst: Array.from({ length: 33 }, (_, i) => seg('page', 0, i < 32 ? PAGE : 80)),
  },
  {
    ...{
      ...CIPHER,
      id: 'AF_ALG with odd iovecs',
      who: 'crypto/algif_skcipher.c _skcipher_recvmsg',
    },
    ...{ alg: 'cbc(aes)', native: 'bio_vec', len: 9008 },
    src: [...pages(2), seg('page', 0, 816)],
    dst: [seg('page', 16, 7), seg('page', 4090, 300), seg('page', 3, 29), seg('page', 0, 8672)],
  },
  {
    ...{ ...AEAD, id: 'WireGuard packet', who: 'drivers/net/wireguard/send.c encrypt_packet' },
    ...{ alg: 'rfc7539(chacha20,poly1305)', native: 'skb', adLen: 0, len: 1424, dst: null },
    src: [seg('slab', 32, 128), seg('page', 200, 700), seg('page', 900, 596), seg('slab', 0, 16)],
  },
  {
    ...{ ...AEAD, id: 'mac80211 CCMP', who: 'net/mac80211/aead_api.c aead_encrypt' },
    ...{ alg: 'ccm(aes)', native: 'kvec', adLen: 22, len: 1500, tagLen: 8, dst: null },
    src: [seg('slab', 2, 22), seg('slab', 10, 1500), seg('slab', 0, 8)],
  },
  {
    ...{ ...HASH, id: 'AH packet', who: 'net/ipv4/ah4.c ah_output' },
    ...{ alg: 'hmac(sha256)', native: 'skb', len: 1400 },
    src: [seg('slab', 16, 100), seg('page', 30, 700), seg('page', 730, 600)],
  },
  {
    ...{ ...HASH, id: 'dm-verity block', who: 'dm-verity-target.c verity_hash' },
    ...{ alg: 'sha256', native: 'bio_vec', len: PAGE + 32 },
    src: [...pages(1), seg('slab', 0, 32)],
  },
  {
    ...{ ...HASH, id: 'SMB signature', who: 'fs/smb/client/cifsencrypt.c cifs_sig_iter' },
    ...{ alg: 'cmac(aes)', native: 'mixed', len: 112 + 16 * PAGE },
    src: [seg('slab', 20, 112), ...pages(16)],
  },
];
