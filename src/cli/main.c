#include "cli.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

volatile sig_atomic_t cb_stop_signal;

static void on_stop(int signal_no)
{
    cb_stop_signal = signal_no;
}

/* In place of a closed stream the next file would be opened, and a message would go into it: what
 * is put there instead refuses to be used. */
static void fill_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static void catch_signals(void)
{
    struct sigaction stop = {.sa_handler = on_stop};
    sigemptyset(&stop.sa_mask);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    /* A full file or a closed pipe is an error of the write that meets it, with a message, not a
     * death. */
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

static cb_status run(int argc, char **argv, char **environment, cb_error *err)
{
    cb_options *options = calloc(1, sizeof *options);
    if (!options)
        return cb_nomem(err, "the options");
    cb_status rc = cb_options_parse(options, argc, argv, environment, err);
    if (rc != CB_OK)
        goto out;
    if (options->version)
        rc = cb_command_version(options, err);
    else if (options->help)
        rc = cb_command_help(options, err);
    else
        rc = cb_command_run(options, err);
    if (rc == CB_OK)
        rc = cb_print_done(err);
out:
    free(options);
    return rc;
}

int main(int argc, char **argv, char **environment)
{
    cb_error err = {0};
    /* Exported cases hold what customers wrote: no core files, no files for others. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    fill_standard_streams();
    umask(022);
    catch_signals();
    cb_stats_init();
    cb_status rc = run(argc, argv, environment, &err);
    if (rc != CB_OK)
        cb_tell_failure(err.why[0] ? err.why : cb_status_text(rc));
    return cb_exit_status(rc);
}
