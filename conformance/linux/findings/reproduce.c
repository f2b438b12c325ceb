// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The findings of FINDINGS.md without anything else of this project: load it,
 * read the kernel log. It never stays loaded.
 *
 *	make -C <configured tree> M=$PWD modules
 *	insmod reproduce.ko; dmesg | grep findings
 */
#include <crypto/hash.h>
#include <linux/bvec.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <linux/xarray.h>

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
		while (current->pagefault_disabled > before)
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

static int __init reproduce_init(void)
{
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!page)
		return -ENOMEM;
	empty_entry();
	more_than_count();
	empty_bvecs();
	__free_page(page);
	return -ECANCELED;
}
module_init(reproduce_init);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("reproduces findings of sg2iter");
