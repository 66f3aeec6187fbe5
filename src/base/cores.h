/* cores.h - how many cores the system lets a process use: what workers.c reads, apart so that it
 * can be tested. */
#ifndef BASE_CORES_H
#define BASE_CORES_H

// cb_cores_of_list counts a kernel's list such as "0-3,8,10-11"; what follows the list is not
// looked at.
unsigned cb_cores_of_list(const char *list);

// cb_cores_allowed reads the list of a status file of /proc (taskset, cpusets); 0 if there is none.
unsigned cb_cores_allowed(const char *status_path);

#endif
