#include "config/secret.h"
#include "base/file.h"
#include "base/memory.h"
#include "config/option.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SECRET_BYTES ((size_t)64 * 1024)

bool secret_reference_ok(struct text text)
{
	static const char *const schemes[] = { "file:", "env:", "cred:" };

	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (text_starts(text, schemes[i]) && text.n > strlen(schemes[i]))
			return true;
	return false;
}

static bool read_environment(const char *name, struct secret *secret, struct failure *why)
{
	const char *value = getenv(name);

	if (!value || !*value)
		return failure_set(
		    why, FAILURE_CONFIG, "secret env:%s: the variable is not set or empty", name);
	buffer_text(&secret->bytes, value);
	return true;
}

static bool read_file(
    const char *folder, const char *path, struct secret *secret, struct failure *why)
{
	struct buffer full = { 0 };
	bool is_ok;

	if (path[0] != '/' && folder)
		buffer_format(&full, "%s/%s", folder, path);
	else
		buffer_text(&full, path);
	is_ok =
	    file_read(full.p, SECRET_BYTES, &secret->bytes, why) || failure_context(why, "secret");
	buffer_free(&full);
	return is_ok;
}

static bool read_beside(
    const char *base_file, const char *path, struct secret *secret, struct failure *why)
{
	char *copy = memory_copy_text(base_file);
	bool is_ok = read_file(copy ? dirname(copy) : NULL, path, secret, why);

	free(copy);
	return is_ok;
}

static bool read_credential(const char *name, struct secret *secret, struct failure *why)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (!folder)
		return failure_set(
		    why, FAILURE_CONFIG, "secret cred:%s: $CREDENTIALS_DIRECTORY is not set", name);
	if (strchr(name, '/'))
		return failure_set(
		    why, FAILURE_CONFIG, "secret cred:%s: a credential's name holds no '/'", name);
	return read_file(folder, name, secret, why);
}

static bool read_reference(
    const char *reference, const char *base_file, struct secret *secret, struct failure *why)
{
	if (strncmp(reference, "env:", 4) == 0)
		return read_environment(reference + 4, secret, why);
	if (strncmp(reference, "file:", 5) == 0)
		return read_beside(base_file, reference + 5, secret, why);
	if (strncmp(reference, "cred:", 5) == 0)
		return read_credential(reference + 5, secret, why);
	return failure_set(
	    why, FAILURE_CONFIG, "a secret is named by file:PATH, env:NAME or cred:NAME");
}

bool secret_read(
    const char *reference, const char *base_file, struct secret *secret, struct failure *why)
{
	*secret = (struct secret){ 0 };
	if (!read_reference(reference, base_file, secret, why)) {
		secret_free(secret);
		return false;
	}
	while (secret->bytes.n && strchr("\r\n", secret->bytes.p[secret->bytes.n - 1]))
		secret->bytes.p[--secret->bytes.n] = 0;
	if (secret->bytes.n)
		return true;
	secret_free(secret);
	return failure_set(why, FAILURE_CONFIG, "secret %s is empty", reference);
}

void secret_free(struct secret *secret)
{
	buffer_wipe(&secret->bytes);
}

void secret_warn_mode(struct problems *problems, const struct value *value, const char *key)
{
	struct buffer path = { 0 };
	struct stat s;

	if (!text_starts(value->text, "file:") || !value->place.file)
		return;
	if (value->text.p[5] != '/') {
		char *copy = memory_copy_text(value->place.file);

		buffer_format(&path, "%s/", dirname(copy));
		free(copy);
	}
	buffer_append(&path, value->text.p + 5, value->text.n - 5);
	if (stat(path.p, &s) == 0 && (s.st_mode & 077))
		problem_add(problems, PROBLEM_WARNING, E_SECRET_MODE, value->place,
		    "%s: others may read %s; make it chmod 600", key, path.p);
	buffer_free(&path);
}
