// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The findings of FINDINGS.md without anything else of this project: load it,
 * read the kernel log. It never stays loaded.
 *
 *	make -C <configured tree> M=$PWD modules
 *	insmod reproduce.ko [keep=1]; dmesg | grep findings
 *
 * With keep=1 the page fault counter of section 1 stays raised, and the
 * process that loaded the module goes on with it.
 */
#include <crypto/aead.h>
#include <crypto/hash.h>
#include <linux/bvec.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <linux/xarray.h>

static bool keep;
module_param(keep, bool, 0);
MODULE_PARM_DESC(keep, "leave the page fault counter raised");

static struct page *page;

/* Section 1: the same 20 bytes with and without an empty entry between. */
static void hash_of(const char *what, struct scatterlist *sg)
{
	struct crypto_ahash *tfm = crypto_alloc_ahash("sha256", 0, CRYPTO_ALG_ASYNC);
	struct ahash_request *req;
	u8 digest[32];
	int err;

	if (IS_ERR(tfm))
		return;
	req = ahash_request_alloc(tfm, GFP_KERNEL);
	if (req) {
		int before = current->pagefault_disabled;

		memset(digest, 0xdb, sizeof(digest));
		ahash_request_set_callback(req, 0, NULL, NULL);
		ahash_request_set_crypt(req, sg, digest, 20);
		err = crypto_ahash_digest(req);
		pr_info("findings: sha256, %s: %d %*phN..., page faults disabled %+d\n",
			what, err, 8, digest,
			current->pagefault_disabled - before);
		while (!keep && current->pagefault_disabled > before)
			pagefault_enable();
		ahash_request_free(req);
	}
	crypto_free_ahash(tfm);
}

static void empty_entry(void)
{
	struct scatterlist sg[3];

	sg_init_table(sg, 2);
	sg_set_page(&sg[0], page, 10, 0);
	sg_set_page(&sg[1], page, 10, 10);
	hash_of("two entries", sg);
	sg_init_table(sg, 3);
	sg_set_page(&sg[0], page, 10, 0);
	sg_set_page(&sg[1], page, 0, 100);
	sg_set_page(&sg[2], page, 10, 10);
	hash_of("empty entry between", sg);
	sg_set_page(&sg[0], page, 0, 100);
	sg_set_page(&sg[1], page, 10, 0);
	hash_of("empty entry first", sg);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
/* Section 2: 300 bytes, asked for 1000. */
static void more_than_count(void)
{
	struct scatterlist sg[4];
	struct sg_table table = { .sgl = sg };
	struct iov_iter iter;
	struct xarray xa;
	ssize_t n;

	xa_init(&xa);
	if (xa_is_err(xa_store(&xa, 0, page, GFP_KERNEL)))
		return;
	sg_init_table(sg, ARRAY_SIZE(sg));
	iov_iter_xarray(&iter, ITER_SOURCE, &xa, 100, 300);
	n = extract_iter_to_sg(&iter, 1000, &table, 4, 0);
	pr_info("findings: extract_iter_to_sg, xarray of 300, maxsize 1000: %zd, entry of %u\n",
		n, sg[0].length);
	xa_destroy(&xa);
}

/* Section 3: two empty bvecs before 50 bytes. */
static void empty_bvecs(void)
{
	struct bio_vec bv[3] = {};
	struct page *pages[4], **array = pages;
	struct iov_iter iter;
	size_t offset;
	ssize_t n;

	bvec_set_page(&bv[0], page, 0, 0);
	bvec_set_page(&bv[1], page, 0, 0);
	bvec_set_page(&bv[2], page, 50, 30);
	iov_iter_bvec(&iter, ITER_SOURCE, bv, 3, 50);
	n = iov_iter_extract_pages(&iter, &array, 100, 4, 0, &offset);
	pr_info("findings: iov_iter_extract_pages, 50 bytes behind two empty bvecs: %zd, %zu left\n",
		n, iov_iter_count(&iter));
}
#else
static void more_than_count(void) { }
static void empty_bvecs(void) { }
#endif

/*
 * Sections 4 and 5: one AEAD request over the page. A message of authencesn is
 * 8 bytes of associated data, 16 of text and a tag of 20.
 */
#define ASSOC	8
#define TEXT	16
#define TAG	20
#define TOTAL	(ASSOC + TEXT + TAG)

static struct aead_request *aead_of(const char *name, const u8 *key,
				    unsigned int length, unsigned int tag)
{
	struct crypto_aead *tfm = crypto_alloc_aead(name, 0, 0);
	struct aead_request *req;

	if (IS_ERR(tfm)) {
		pr_info("findings: %s: %ld\n", name, PTR_ERR(tfm));
		return NULL;
	}
	req = crypto_aead_setkey(tfm, key, length) ||
		crypto_aead_setauthsize(tfm, tag) ? NULL :
		aead_request_alloc(tfm, GFP_KERNEL);
	if (!req)
		crypto_free_aead(tfm);
	return req;
}

static int run_aead(struct aead_request *req, bool two_lists, bool encrypt)
{
	u8 iv[16] = {};
	unsigned int tag = crypto_aead_authsize(crypto_aead_reqtfm(req));
	struct scatterlist src, dst;
	DECLARE_CRYPTO_WAIT(wait);

	sg_init_table(&src, 1);
	sg_set_page(&src, page, ASSOC + TEXT + tag, 0);
	dst = src;
	aead_request_set_callback(req, CRYPTO_TFM_REQ_MAY_SLEEP,
				  crypto_req_done, &wait);
	aead_request_set_crypt(req, &src, two_lists ? &dst : &src,
			       encrypt ? TEXT : TEXT + tag, iv);
	aead_request_set_ad(req, ASSOC);
	return crypto_wait_req(encrypt ? crypto_aead_encrypt(req) :
			       crypto_aead_decrypt(req), &wait);
}

/* Section 4: whose are tfm and completion of a request after it completed? */
static void request_of_cryptd(void)
{
	struct crypto_aead *tfm = crypto_alloc_aead("gcm(aes)", 0,
						    CRYPTO_ALG_ASYNC);
	char name[CRYPTO_MAX_ALG_NAME];
	struct aead_request *req;
	u8 key[16] = {};
	int err;

	if (IS_ERR(tfm))
		return;
	snprintf(name, sizeof(name), "cryptd(%s)",
		 crypto_tfm_alg_driver_name(crypto_aead_tfm(tfm)));
	crypto_free_aead(tfm);
	req = aead_of(name, key, sizeof(key), 16);
	if (!req)
		return;
	tfm = crypto_aead_reqtfm(req);
	err = run_aead(req, false, true);
	pr_info("findings: cryptd(gcm): %d, tfm %s, completion %s\n", err,
		crypto_aead_reqtfm(req) == tfm ? "kept" : "CHANGED",
		req->base.complete == crypto_req_done ? "kept" : "CHANGED");
	aead_request_set_tfm(req, tfm);
	aead_request_free(req);
	crypto_free_aead(tfm);
}

/* Section 5: a message, sealed in place, is opened with one list and with two. */
static void open_message(struct aead_request *req, const char *what,
			 const u8 *assoc, const u8 *tail)
{
	u8 *memory = page_address(page), sealed[TOTAL];
	int two, err;

	memset(memory, 'A', TOTAL);
	memcpy(memory, assoc, ASSOC);
	run_aead(req, false, true);
	if (tail)
		memcpy(memory + ASSOC + TEXT - 4, tail, 4);
	memcpy(sealed, memory, TOTAL);
	for (two = 0; two < 2; two++) {
		memcpy(memory, sealed, TOTAL);
		err = run_aead(req, two, false);
		pr_info("findings: authencesn, %s, %s: %d, %*phN %*phN\n", what,
			two ? "two lists" : "one list", err, ASSOC, memory,
			TEXT, memory + ASSOC);
	}
}

static void two_lists(void)
{
	static const u8 changed[4] = { 0xde, 0xad, 0xbe, 0xef };
	u8 key[8 + 20 + 16] = { 8, 0, 1, 0, 0, 0, 0, 16 };
	u8 assoc[ASSOC] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct aead_request *req = aead_of("authencesn(hmac(sha1),cbc(aes))",
					   key, sizeof(key), TAG);
	struct crypto_aead *tfm;
	u8 *memory = page_address(page);

	if (!req)
		return;
	tfm = crypto_aead_reqtfm(req);
	open_message(req, "valid", assoc, NULL);
	/* The ciphertext does not depend on the associated data. */
	memset(memory, 'A', TOTAL);
	run_aead(req, false, true);
	memcpy(assoc + 4, memory + ASSOC + TEXT - 4, 4);
	open_message(req, "high half = end of ciphertext", assoc, NULL);
	open_message(req, "the same, end changed", assoc, changed);
	aead_request_free(req);
	crypto_free_aead(tfm);
}

static int __init reproduce_init(void)
{
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!page)
		return -ENOMEM;
	empty_entry();
	more_than_count();
	empty_bvecs();
	request_of_cryptd();
	two_lists();
	__free_page(page);
	return -ECANCELED;
}
module_init(reproduce_init);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("reproduces findings of sg2iter");
