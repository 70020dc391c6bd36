/* examples/worked-example.json, compiled in. */
#ifndef DESCENT_CLI_WORKED_EXAMPLE_H
#define DESCENT_CLI_WORKED_EXAMPLE_H

extern const char cli_worked_example[];

#endif
