/**
 * Names of algorithms for editors to complete, written from the table of algorithms; any other name is
 * looked up as well.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
type Any = string & Record<never, never>;
type Wrapped = `cryptd(${string})` | `pcrypt(${string})`;

/** Ciphers. */
export type SkcipherName =
  | 'adiantum(xchacha12,aes)'
  | 'adiantum(xchacha20,aes)'
  | 'cbc(aes)'
  | 'cbc(des)'
  | 'cbc(des3_ede)'
  | 'cfb(aes)'
  | 'cfb(des3_ede)'
  | 'chacha20'
  | 'ctr(aes)'
  | 'ctr(des)'
  | 'ctr(des3_ede)'
  | 'cts(cbc(aes))'
  | 'ecb(aes)'
  | 'ecb(des)'
  | 'ecb(des3_ede)'
  | 'essiv(cbc(aes),sha256)'
  | 'lrw(aes)'
  | 'ofb(aes)'
  | 'ofb(des3_ede)'
  | 'pcbc(aes)'
  | 'rfc3686(ctr(aes))'
  | 'xchacha12'
  | 'xchacha20'
  | 'xctr(aes)'
  | 'xts(aes)'
  | Wrapped
  | Any;

/** Authenticated ciphers. */
export type AeadName =
  | 'authenc(hmac(sha1),cbc(aes))'
  | 'authenc(hmac(sha1),cbc(des))'
  | 'authenc(hmac(sha1),cbc(des3_ede))'
  | 'authenc(hmac(sha1),ctr(aes))'
  | 'authenc(hmac(sha1),rfc3686(ctr(aes)))'
  | 'authenc(hmac(sha256),cbc(aes))'
  | 'authenc(hmac(sha256),cbc(des))'
  | 'authenc(hmac(sha256),cbc(des3_ede))'
  | 'authenc(hmac(sha256),ctr(aes))'
  | 'authenc(hmac(sha256),cts(cbc(aes)))'
  | 'authenc(hmac(sha256),rfc3686(ctr(aes)))'
  | 'authenc(hmac(sha512),cbc(aes))'
  | 'authenc(hmac(sha512),cbc(des))'
  | 'authenc(hmac(sha512),cbc(des3_ede))'
  | 'authenc(hmac(sha512),ctr(aes))'
  | 'authenc(hmac(sha512),rfc3686(ctr(aes)))'
  | 'authencesn(hmac(sha1),cbc(aes))'
  | 'authencesn(hmac(sha256),cbc(aes))'
  | 'authencesn(hmac(sha512),rfc3686(ctr(aes)))'
  | 'ccm(aes)'
  | 'echainiv(authenc(hmac(sha1),cbc(aes)))'
  | 'echainiv(authenc(hmac(sha256),cbc(aes)))'
  | 'essiv(authenc(hmac(sha256),cbc(aes)),sha256)'
  | 'gcm(aes)'
  | 'krb5enc(hmac(sha1),cts(cbc(aes)))'
  | 'krb5enc(hmac(sha256),cbc(aes))'
  | 'rfc4106(gcm(aes))'
  | 'rfc4309(ccm(aes))'
  | 'rfc4543(gcm(aes))'
  | 'rfc7539(chacha20,poly1305)'
  | 'rfc7539esp(chacha20,poly1305)'
  | 'seqiv(rfc4106(gcm(aes)))'
  | 'seqiv(rfc7539esp(chacha20,poly1305))'
  | Wrapped
  | Any;

/** Hashes and MACs. */
export type HashName =
  | 'cbcmac(aes)'
  | 'cmac(aes)'
  | 'ghash'
  | 'hmac(sha1)'
  | 'hmac(sha256)'
  | 'hmac(sha512)'
  | 'nhpoly1305'
  | 'poly1305'
  | 'sha1'
  | 'sha256'
  | 'sha512'
  | Wrapped
  | Any;
