/* A moment's rest within a loop that waits for another thread. */
#ifndef DSC_BASE_PAUSE_H
#define DSC_BASE_PAUSE_H

static inline void dsc_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif
