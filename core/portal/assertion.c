#include "base/file.h"
#include "base/id.h"
#include "base/json.h"
#include "portal/token.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <string.h>

#define VALID_MS (5 * 60 * INSTANT_SECOND)

static void append_base64url(struct buffer *out, const unsigned char *bytes, size_t n)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	for (size_t i = 0; i < n; i += 3) {
		uint32_t word = (uint32_t)bytes[i] << 16 |
		    (i + 1 < n ? (uint32_t)bytes[i + 1] << 8 : 0) |
		    (i + 2 < n ? (uint32_t)bytes[i + 2] : 0);

		for (size_t k = 0; k < 4 && i + k <= n; k++)
			buffer_char(out, digits[word >> (18 - 6 * k) & 63]);
	}
}

static void append_json(struct buffer *out, struct json *value)
{
	struct buffer text = { 0 };

	json_write(value, JSON_LINE, &text);
	append_base64url(out, (const unsigned char *)text.p, text.n);
	buffer_free(&text);
	json_free(value);
}

static X509 *read_certificate(const char *path, struct failure *why)
{
	struct buffer pem = { 0 };
	X509 *certificate = NULL;
	BIO *bio;

	if (!file_read(path, (size_t)64 * 1024, &pem, why))
		return NULL;
	bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	if (bio)
		certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	BIO_free(bio);
	buffer_free(&pem);
	if (!certificate)
		failure_set(why, FAILURE_CONFIG, "%s holds no PEM certificate", path);
	return certificate;
}

/* A password prompt would stop the program: encrypted keys are refused. */
static int no_password(char *buffer, int size, int writing, void *context)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)context;
	return 0;
}

static EVP_PKEY *read_key(const struct secret_place *place, struct failure *why)
{
	struct secret pem = { 0 };
	EVP_PKEY *key = NULL;
	BIO *bio;

	if (!secret_read(place->reference, place->base_file, &pem, why))
		return NULL;
	bio = BIO_new_mem_buf(pem.bytes.p, (int)pem.bytes.n);
	if (bio)
		key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	secret_free(&pem);
	if (key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		return key;
	EVP_PKEY_free(key);
	failure_set(why, FAILURE_CONFIG, "%s holds no PEM private key (RSA, without password)",
	    place->reference);
	return NULL;
}

/* "x5t" is SHA-1 in the older form, which goes with RS256. */
static void append_header(
    const struct credential *credential, const X509 *certificate, struct buffer *out)
{
	const EVP_MD *digest = credential->is_rs256 ? EVP_sha1() : EVP_sha256();
	struct json *header = json_new_object();
	unsigned char print[EVP_MAX_MD_SIZE];
	struct buffer text = { 0 };
	unsigned n = 0;

	X509_digest(certificate, digest, print, &n);
	append_base64url(&text, print, n);
	json_set(header, "alg", json_new_string(credential->is_rs256 ? "RS256" : "PS256"));
	json_set(header, "typ", json_new_string("JWT"));
	json_set(header, credential->is_rs256 ? "x5t" : "x5t#S256",
	    json_new_text(buffer_as_text(&text)));
	append_json(out, header);
	buffer_free(&text);
}

static void append_claims(
    const struct credential *credential, const char *audience, instant now, struct buffer *out)
{
	struct json *claims = json_new_object();
	char id[ID_TEXT];

	id_new(now, id);
	json_set(claims, "aud", json_new_string(audience));
	json_set(claims, "iss", json_new_string(credential->client_id));
	json_set(claims, "sub", json_new_string(credential->client_id));
	json_set(claims, "jti", json_new_string(id));
	json_set(claims, "nbf", json_new_number(now / INSTANT_SECOND));
	json_set(claims, "iat", json_new_number(now / INSTANT_SECOND));
	json_set(claims, "exp", json_new_number((now + VALID_MS) / INSTANT_SECOND));
	append_json(out, claims);
}

static bool begin_signing(EVP_MD_CTX *context, EVP_PKEY *key, bool is_rs256)
{
	EVP_PKEY_CTX *options = NULL;

	if (EVP_DigestSignInit(context, &options, EVP_sha256(), NULL, key) != 1)
		return false;
	if (is_rs256)
		return true;
	return EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool append_signature(EVP_PKEY *key, bool is_rs256, struct buffer *out, size_t from)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char signature[1024];
	size_t n = sizeof signature;
	bool is_ok = context && begin_signing(context, key, is_rs256) &&
	    EVP_DigestSign(
		context, signature, &n, (const unsigned char *)out->p + from, out->n - from) == 1;

	EVP_MD_CTX_free(context);
	if (is_ok) {
		buffer_char(out, '.');
		append_base64url(out, signature, n);
	}
	return is_ok;
}

bool assertion_write(const struct credential *credential, const char *audience, instant now,
    struct buffer *out, struct failure *why)
{
	X509 *certificate = read_certificate(credential->certificate, why);
	EVP_PKEY *key = certificate ? read_key(&credential->key, why) : NULL;
	size_t from = out->n;
	bool is_ok = false;

	if (key) {
		append_header(credential, certificate, out);
		buffer_char(out, '.');
		append_claims(credential, audience, now, out);
		is_ok = append_signature(key, credential->is_rs256, out, from) ||
		    failure_set(why, FAILURE_CONFIG, "the key of credential %s cannot sign",
			credential->name);
	}
	EVP_PKEY_free(key);
	X509_free(certificate);
	return is_ok;
}
