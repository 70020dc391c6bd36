/* The program `descent`: main alone, so that the makers of manual and completion can do without. */
#include "commands.h"
#include "report.h"

int main(int argc, char **argv) {
    cli_guard_streams();
    return cli_close_stdout(cli_run(argc, argv));
}
