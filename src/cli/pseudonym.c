#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static cb_status read_key(int fd, const char *path, char key[CB_MAX_KEY], cb_error *err)
{
    struct stat about;
    size_t n = 0;
    ssize_t got = 1;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
        return cb_fail(err, CB_ECONFIG, "%s: the pseudonym key must be a regular file", path);
    while (n < CB_MAX_KEY && (got = read(fd, key + n, CB_MAX_KEY - n)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cb_fail(err, CB_EIO, "%s: the pseudonym key cannot be read: %s", path,
                           strerror(errno));
        n += (size_t)got;
    }
    if (n == CB_MAX_KEY)
        return cb_fail(err, CB_ECONFIG, "%s: the pseudonym key is longer than %d bytes", path,
                       CB_MAX_KEY - 1);
    while (n > 0 && (key[n - 1] == '\n' || key[n - 1] == '\r'))
        n--;
    key[n] = '\0';
    if (n < CB_LEAST_KEY || strlen(key) != n)
        return cb_fail(
            err, CB_ECONFIG,
            "%s: the pseudonym key needs at least %d characters of text, for example the "
            "output of `openssl rand -hex 32`",
            path, CB_LEAST_KEY);
    return CB_OK;
}

cb_status cb_options_pseudonym_key(const cb_options *options, const cb_settings *settings,
                                   char key[CB_MAX_KEY], cb_error *err)
{
    key[0] = '\0';
    if (!options->pseudonymise)
        return CB_OK;
    cb_str path = settings->pseudonym_key_file;
    if (path.len == 0)
        return cb_fail(err, CB_ECONFIG,
                       "--pseudonymise needs a key file, so that codes are the same in every run: "
                       "write in the config [report] pseudonym_key_file = FILE");
    int fd = open(path.at, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cb_fail(err, CB_ENOINPUT, "%s: the pseudonym key cannot be opened: %s", path.at,
                       strerror(errno));
    cb_status rc = read_key(fd, path.at, key, err);
    close(fd);
    return rc;
}
