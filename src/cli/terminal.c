#include "cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int64_t cb_clock_ms(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t cb_clock_utc_s(void)
{
    struct timespec now;
    return clock_gettime(CLOCK_REALTIME, &now) == 0 ? (int64_t)now.tv_sec : 0;
}

void cb_note(const cb_options *options, const char *format, ...)
{
    if (options->quiet)
        return;
    va_list values;
    va_start(values, format);
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
    va_end(values);
}

void cb_list_or(char *out, size_t cap, const char *const *words, size_t n)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < n && at < cap; i++)
        at += (size_t)snprintf(out + at, cap - at, "%s%s",
                               i == 0       ? ""
                               : i + 1 == n ? " or "
                                            : ", ",
                               words[i]);
}

/* A terminal that knows no escape sequences says so. */
static bool is_terminal(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) == 1 && term && *term && strcmp(term, "dumb") != 0;
}

void cb_tell_failure(const char *why)
{
    const char *no_color = getenv("NO_COLOR");
    bool colour = is_terminal() && !(no_color && *no_color);
    fprintf(stderr, "%scasebook:%s %s\n", colour ? "\033[1;31m" : "", colour ? "\033[0m" : "", why);
}

void cb_print(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vprintf(format, values);
    va_end(values);
}

cb_status cb_print_done(cb_error *err)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        return cb_fail(err, CB_EIO, "standard output could not be written");
    return CB_OK;
}

void cb_progress_begin(cb_progress *progress, const cb_options *options)
{
    progress->shown = !options->quiet && (options->progress == CB_WHEN_ALWAYS ||
                                          (options->progress == CB_WHEN_AUTO && is_terminal()));
    progress->started_ms = cb_clock_ms();
    progress->last_ms = progress->started_ms;
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

void cb_progress_tell(void *ctx, const char *path, uint64_t done_bytes, int64_t total_bytes)
{
    cb_progress *progress = ctx;
    int64_t now_ms = cb_clock_ms();
    if (!progress->shown || now_ms - progress->last_ms < 200)
        return;
    progress->last_ms = now_ms;
    double seconds = (double)(now_ms - progress->started_ms) / 1000.0;
    double rate = seconds > 0 ? (double)done_bytes / seconds : 0;
    if (total_bytes > 0 && rate > 0)
        fprintf(stderr, "\r\033[K%s: %3.0f %%  %.0f MB/s  %.0f s left", file_name(path),
                100.0 * (double)done_bytes / (double)total_bytes, rate / 1e6,
                ((double)total_bytes - (double)done_bytes) / rate);
    else
        fprintf(stderr, "\r\033[K%s: %.0f MB  %.0f MB/s", file_name(path), (double)done_bytes / 1e6,
                rate / 1e6);
    fflush(stderr);
}

void cb_progress_end(cb_progress *progress)
{
    if (progress->shown && progress->last_ms != progress->started_ms)
        fputs("\r\033[K", stderr);
}
