/**
 * 200 lines of Linux 6.1.192 (Debian linux-source-6.1 6.1.192-2), drawn and read by hand before
 * the survey's own answer was looked at: 68 calls, 28 types, 26 request members, the rest nothing.
 *
 * One row per line: key (see `sample.ts`; no line number, no kernel text), path, what was seen:
 * `c name` a live call of a counted name, `t name` a use of a list type, `mN` N uses of the
 * source or destination of a crypto request, `-` nothing.
 */

/** The seed of the drawing. */
export const SAMPLE_SEED = 'sg2iter-survey-6.1';
/** The release that was read. Another one has other lines. */
export const SAMPLE_VERSION = '6.1.192';

/** The rows. */
export const SAMPLE_ROWS: string = `
  000020094edd7ab5 arch/arm/crypto/aes-ce-glue.c c skcipher_walk_done
  00018692edcea3e4 net/ipv4/esp4.c -
  000f92773d71790c net/sunrpc/auth_gss/gss_krb5_crypto.c -
  0012e635aac98a3b drivers/crypto/bcm/cipher.c t scatterlist
  0014ae428248c7dd drivers/crypto/hisilicon/hpre/hpre_crypto.c m1
  0019f5a99a0cf319 drivers/crypto/ccp/ccp-ops.c -
  001eabba83a55867 net/wireless/lib80211_crypt_ccmp.c c sg_set_buf
  0027fbb63e4b5e12 net/mac80211/aes_gmac.c -
  003080e8bb607e08 drivers/crypto/hisilicon/sgl.c -
  00385514a072384f arch/s390/crypto/paes_s390.c t skcipher_walk
  004694b2887e43e4 drivers/crypto/ccree/cc_hash.c m1
  004db5f691362cf0 net/ipv6/ah6.c t scatterlist
  004e842ab5f04199 drivers/crypto/caam/caamalg_qi.c -
  00555f98fd69464f drivers/crypto/nx/nx.c c scatterwalk_clamp
  0056a96e29daad95 drivers/crypto/talitos.c t scatterlist
  0063bdba24c36607 drivers/crypto/omap-sham.c -
  006e1f66df2ef1a3 drivers/crypto/qat/qat_common/qat_algs.c m2
  0070777454023de4 drivers/crypto/hisilicon/sec2/sec_crypto.c -
  007fc06b2b0f73bb arch/arm/crypto/aes-ce-glue.c -
  007ff17496eb8181 drivers/crypto/atmel-aes.c -
  00809a482e7b4bf0 crypto/cfb.c t skcipher_walk
  008860dfb53f7234 arch/arm/crypto/aes-ce-glue.c t skcipher_walk
  0092fd4fa7e22177 drivers/crypto/chelsio/chcr_algo.c -
  009905acbdc343e1 drivers/crypto/bcm/util.c -
  00ab5e86d58b4be7 drivers/crypto/s5p-sss.c -
  00ae3ff9b4d05521 net/mac802154/llsec.c -
  00b2a61033dfd252 lib/crypto/chacha20poly1305-selftest.c c sg_init_table
  00b3d5edb906fb92 arch/x86/crypto/des3_ede_glue.c c skcipher_walk_virt
  00b59a93cd468c46 arch/x86/crypto/aegis128-aesni-glue.c c scatterwalk_start
  00c946eb2f639320 net/tls/tls_sw.c -
  00c995d6e87e769d drivers/crypto/s5p-sss.c -
  00d116ed6580da0e drivers/crypto/qce/aead.c c sg_nents_for_len m1
  00dee0c0ceff8523 arch/x86/crypto/camellia_glue.c c ECB_WALK_START
  00e3354cda18742a drivers/crypto/vmx/aes_xts.c c skcipher_walk_done
  00e9f333966819ca drivers/crypto/amcc/crypto4xx_core.c t scatterlist
  00f71430dfbd35fb net/tls/tls_sw.c -
  010606d19a032dfb drivers/crypto/keembay/keembay-ocs-aes-core.c -
  011c842324f9e87f drivers/crypto/hisilicon/sec/sec_algs.c t scatterlist
  01395e8a7353eacc include/crypto/akcipher.h t scatterlist
  013aa7af93612ecd drivers/crypto/ccree/cc_buffer_mgr.c -
  013fac81d44a6cd1 drivers/crypto/omap-des.c t scatterlist
  01422265102a9b93 drivers/crypto/ccp/ccp-ops.c -
  0146fc55322fd9ec drivers/crypto/rockchip/rk3288_crypto_skcipher.c c dma_map_sg
  0160ab8695996f6f crypto/ecb.c c skcipher_walk_done
  016575f1cf2c5a0d net/rxrpc/rxkad.c c skcipher_request_set_crypt
  016925debff02517 drivers/crypto/ux500/cryp/cryp_core.c -
  016cdf982338cc1d drivers/crypto/amcc/crypto4xx_alg.c -
  017bc1c14cb579e5 drivers/crypto/stm32/stm32-hash.c t scatterlist
  01974410bca923f8 drivers/crypto/caam/caamalg_qi2.c -
  019bd9864f74b623 net/tls/tls_sw.c -
  01a4143349ac4412 crypto/tcrypt.c -
  01ad65e6671928be arch/arm64/crypto/sm4-ce-glue.c t skcipher_walk
  01ae126b48e050ab drivers/crypto/virtio/virtio_crypto_akcipher_algs.c -
  01b442abb66aee13 drivers/crypto/s5p-sss.c -
  01c2fce1b807198e crypto/dh.c -
  01c9d1dc56265a8a arch/arm64/crypto/aes-glue.c t skcipher_walk
  01d176c7b10c9612 drivers/md/dm-integrity.c -
  01dcfa975167f990 net/tls/tls_sw.c -
  01ea3ad663747f3f drivers/crypto/caam/caamalg_qi2.c -
  01ef06e8a4d7a1b2 arch/arm64/crypto/aes-glue.c c skcipher_request_set_crypt
  01f7a49bb2de86c4 arch/x86/crypto/sm4_aesni_avx_glue.c -
  01f7b2a29c4f0ec8 drivers/crypto/rockchip/rk3288_crypto_skcipher.c c sg_dma_address
  02022dd12d74d63e arch/arm64/crypto/aes-glue.c -
  0207261f266ca417 net/ipv4/ah4.c t scatterlist
  020e2cbaa71a0073 drivers/crypto/atmel-tdes.c c sg_next
  021cb3ebf993e160 net/ipv4/esp4.c -
  0222ec88ee8ccc4f drivers/crypto/ccp/ccp-ops.c -
  0228a1eb5ae56799 drivers/scsi/libiscsi_tcp.c -
  022ba35ed7eaa153 net/rxrpc/rxkad.c c sg_set_buf
  022d199b0480f3af drivers/md/dm-crypt.c c sg_set_buf
  022f9ffb133eff8f net/tls/tls_device_fallback.c c aead_request_set_crypt
  0236b8654dcf931c drivers/staging/rtl8192u/ieee80211/ieee80211_crypt_ccmp.c t scatterlist
  0239d7139dea3771 drivers/crypto/ccree/cc_buffer_mgr.c -
  0241f20509b24acb drivers/crypto/chelsio/chcr_algo.c -
  0242d26d2f1d7b6d net/sunrpc/auth_gss/gss_krb5_crypto.c c sg_init_table
  024537986828ec8a drivers/crypto/amlogic/amlogic-gxl-cipher.c c sg_next
  024684e825364017 include/crypto/akcipher.h -
  02503e86658c6cbe drivers/crypto/cavium/cpt/cptvf_reqmanager.c -
  0252019a468bb440 arch/s390/crypto/des_s390.c c skcipher_walk_virt
  0262093f7956b9a1 drivers/crypto/bcm/cipher.c c sg_nents m1
  026afdfa14bea32a drivers/crypto/atmel-tdes.c -
  0276daa931bce54f drivers/crypto/nx/nx-common-pseries.c -
  027c6b19fc0ba3f9 drivers/crypto/amlogic/amlogic-gxl-cipher.c c sg_dma_address
  0280856b22139141 net/sunrpc/auth_gss/gss_krb5_crypto.c c sg_init_one
  028522f4ee759814 drivers/crypto/chelsio/chcr_algo.c c sg_dma_len
  0285a9151ea7d2f2 drivers/crypto/atmel-aes.c t scatterlist
  029206243eea4523 drivers/crypto/ccp/ccp-ops.c -
  02a433580bb65723 drivers/crypto/allwinner/sun8i-ss/sun8i-ss-cipher.c -
  02b3ddcdbaa3814f drivers/crypto/chelsio/chcr_algo.c m1
  02b42ccf99ec6dc0 arch/arm64/crypto/ghash-ce-glue.c c scatterwalk_map_and_copy m1
  02d85b9ab325c804 drivers/crypto/ccp/ccp-crypto.h t scatterlist
  02de1b2f25a0ed33 mm/zswap.c c acomp_request_set_params
  02e322b83a2ee942 drivers/crypto/omap-sham.c c sg_page
  02e4e763ae587322 drivers/crypto/omap-des.c -
  02e6a0889a350d68 drivers/crypto/ux500/cryp/cryp_core.c c dma_map_sg
  02eb95f4733c5ca1 drivers/crypto/atmel-sha.c c sg_dma_len
  02eecfec2bc36092 arch/x86/crypto/aria_aesni_avx_glue.c c ECB_WALK_END
  02f235c0756a8bf1 drivers/crypto/bcm/cipher.c -
  0301ee959cbad190 drivers/crypto/marvell/octeontx/otx_cptvf_reqmgr.c -
  030221b9effa298b arch/arm64/crypto/aes-glue.c c skcipher_walk_done
  030dd133211809f7 drivers/crypto/caam/caampkc.c c sg_dma_address m1
  031b2426925dcf6b drivers/crypto/bcm/cipher.c -
  03243f96bd686d3a crypto/chacha20poly1305.c c sg_init_one
  03303222e84d6e78 drivers/crypto/cavium/nitrox/nitrox_skcipher.c -
  033107e9bf23a268 net/tls/tls_sw.c c sg_unmark_end
  033432c759af5574 drivers/crypto/allwinner/sun8i-ss/sun8i-ss-cipher.c -
  03382bda06031fdf arch/arm64/crypto/sm4-neon-glue.c c skcipher_walk_done
  033e0eb333fd9528 arch/arm64/crypto/sm4-neon-glue.c -
  033fc86874700e81 drivers/crypto/hisilicon/hpre/hpre_crypto.c -
  0342aa3546fd4b46 crypto/ccm.c -
  0349a80291fe4185 include/crypto/internal/skcipher.h -
  034d15127da6739a drivers/crypto/caam/caamalg_qi2.c c scatterwalk_map_and_copy m1
  0354410afe643348 drivers/crypto/chelsio/chcr_core.h -
  0367caf731225401 crypto/testmgr.c -
  0369aef005520161 crypto/chacha20poly1305.c c skcipher_request_set_crypt
  0369c1419b8c2c59 drivers/crypto/ux500/hash/hash_core.c -
  0372f4bae9e61556 net/rxrpc/rxkad.c c skcipher_request_set_crypt
  03734f9ceedce980 drivers/target/iscsi/iscsi_target.c -
  0379ea9da5a7696b drivers/crypto/omap-sham.c m1
  037e2cbb31d95d83 drivers/crypto/caam/caampkc.c c sg_miter_stop
  037eaa738b7a444b drivers/crypto/hisilicon/hpre/hpre_crypto.c -
  0380a3fe2817e722 drivers/crypto/s5p-sss.c -
  0382082e7de27a3b drivers/crypto/ixp4xx_crypto.c -
  03891c1b37d09183 crypto/testmgr.c c sg_virt m1
  038cd059f1f6b759 drivers/crypto/bcm/cipher.c -
  03944a01b70e010d arch/x86/crypto/twofish_glue_3way.c c CBC_WALK_START
  0394ef7fc5af54be crypto/simd.c -
  0397138aa85a702d drivers/crypto/s5p-sss.c c dma_map_sg
  03a20dc16a39a13b drivers/crypto/caam/caamalg_qi.c -
  03a88240d01e0672 net/bluetooth/smp.c -
  03af94fb5779ddab drivers/crypto/inside-secure/safexcel_hash.c -
  03b2687ab756386e drivers/crypto/amlogic/amlogic-gxl-cipher.c c sg_next
  03ce80451e64c1dd drivers/crypto/atmel-aes.c -
  03db26ba2ee2846d crypto/shash.c c crypto_hash_walk_first
  03e4cbc2e35cc924 crypto/xts.c c scatterwalk_map_and_copy
  03e66cdb6f10505f crypto/rsa-pkcs1pad.c -
  03e9c0a34c9f9346 drivers/crypto/sa2ul.c m2
  03f4efb9f4215b8d drivers/crypto/chelsio/chcr_algo.c c dma_unmap_sg m1
  03fa38e47aa4f857 crypto/xctr.c t skcipher_walk
  03ff5f1215cfef97 drivers/crypto/hifn_795x.c t scatterlist
  0400501e97a65ff6 include/crypto/akcipher.h t scatterlist
  040b85f23c1d177f net/tls/tls_sw.c -
  0414d5f3bdc8b82c drivers/crypto/caam/caamalg_qi2.c -
  0415463ba93b9995 arch/arm/crypto/aes-ce-glue.c t skcipher_walk
  041b121b4c477233 drivers/crypto/ccp/ccp-crypto-aes-galois.c m1
  0428c3fa8b9f0d5d drivers/crypto/ccp/ccp-ops.c c sg_dma_len
  042fc10816baf1f6 drivers/crypto/talitos.c m2
  04314f8d1997aea0 drivers/block/drbd/drbd_receiver.c -
  043356054cb61b2b drivers/crypto/marvell/cesa/cesa.h -
  043cc71cca6665eb drivers/crypto/ccree/cc_buffer_mgr.c c dma_unmap_sg
  0443178d3306537d drivers/crypto/caam/error.h t scatterlist
  04458315fd161bd4 drivers/crypto/ccp/ccp-crypto-aes-cmac.c c sg_nents m1
  0447cd727db1a268 net/ceph/messenger_v2.c c sg_set_buf
  0448e47009587cd5 fs/verity/hash_algs.c c ahash_request_set_crypt
  044bc81cf2b6cb15 arch/sparc/crypto/aes_glue.c -
  045aaad67387adce crypto/rsa-pkcs1pad.c m1
  045c116bce729a88 drivers/crypto/hisilicon/zip/zip_crypto.c -
  0460c0baec5b0a48 crypto/skcipher.c t skcipher_walk
  0467e9276c15cba2 fs/verity/hash_algs.c t scatterlist
  0468fbf90c2345c3 crypto/keywrap.c -
  0482757e2764b6a1 drivers/crypto/ccree/cc_buffer_mgr.c c sg_dma_len
  048cb6cf71b80d12 drivers/crypto/qce/aead.c -
  04902cc87c67ca2d drivers/crypto/s5p-sss.c -
  04904355132516dd drivers/crypto/gemini/sl3516-ce-cipher.c -
  049362e2d983bed3 drivers/crypto/hisilicon/hpre/hpre_crypto.c -
  049aeedec2836fb9 drivers/crypto/ux500/cryp/cryp.h -
  04a077c81df9578a arch/sparc/crypto/aes_glue.c c skcipher_walk_done
  04ab3ef577f9612c drivers/crypto/hisilicon/sgl.c -
  04afe2b01f4d1e78 drivers/crypto/qat/qat_common/qat_algs.c c scatterwalk_map_and_copy
  04b1e094cb275ec6 crypto/drbg.c c sg_init_table
  04c023b09f6d55e6 drivers/crypto/inside-secure/safexcel_cipher.c c dma_unmap_sg
  04ce01a06dd1b32d drivers/crypto/omap-sham.c c sg_miter_next
  04d641ec88b968d2 drivers/crypto/keembay/ocs-aes.c c sg_dma_len
  04eebdc3f130e7cf drivers/crypto/cavium/nitrox/nitrox_req.h -
  04f3baa8e4b09dff drivers/crypto/marvell/octeontx/otx_cptvf_reqmgr.c -
  050374924d5e0e16 drivers/crypto/talitos.c c sg_dma_address
  050cdde776cd5807 drivers/crypto/caam/caamhash.c -
  051442242a1892e9 crypto/af_alg.c t scatterlist
  051aa9ea6117e687 arch/x86/crypto/aegis128-aesni-glue.c c scatterwalk_advance
  05245527abe81355 drivers/crypto/bcm/util.c -
  052672c4294cdeb3 drivers/crypto/qat/qat_common/qat_asym_algs.c c sg_virt m1
  05329b67ede8cb13 drivers/crypto/hisilicon/hpre/hpre_crypto.c m1
  053386ed62f8eb25 arch/arm64/crypto/aes-neonbs-glue.c c skcipher_walk_done
  0534d467618986b3 drivers/crypto/keembay/ocs-aes.c c sg_next
  05366db17cc7c2c5 arch/s390/crypto/des_s390.c c skcipher_walk_done
  053aec0a458cb77c drivers/crypto/hisilicon/sgl.c -
  053d2f2630c6b02d drivers/crypto/hisilicon/sec2/sec_crypto.c -
  053eb9d2d49806c0 crypto/ahash.c t crypto_hash_walk
  05472905ae7c2233 drivers/crypto/stm32/stm32-hash.c c sg_pcopy_to_buffer
  0550c090e52c5c47 drivers/crypto/bcm/util.c -
  055107bd836c829a drivers/crypto/hisilicon/sgl.c -
  0554d92f25b4cafb drivers/crypto/ccree/cc_buffer_mgr.c m2
  0555bd36f3075011 net/tipc/crypto.c t scatterlist
  055b190ca16ae206 drivers/crypto/ccp/ccp-ops.c -
  05618bfb0618a131 crypto/authenc.c t scatterlist
  0562f7b76901ba73 drivers/crypto/caam/sg_sw_qm.h c sg_dma_len
  0566094936d22feb drivers/crypto/talitos.c m2
  057260d0ca115637 drivers/crypto/omap-des.c c dma_unmap_sg
  0574fcb51689693c drivers/crypto/allwinner/sun8i-ce/sun8i-ce-cipher.c -
  0576a2281fe7944f drivers/crypto/keembay/keembay-ocs-aes-core.c -`;
