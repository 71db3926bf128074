/* Whether a compiler can build and run a sanitized program on this machine. */
#include <stdint.h>
#include <string.h>

int main(void) { return (int)strlen(""); }
