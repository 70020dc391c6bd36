/* The commands of the program and the exit statuses they return. */
#ifndef DESCENT_CLI_COMMAND_H
#define DESCENT_CLI_COMMAND_H

/* What `descent` hands to the shell; part of its interface. */
typedef enum cli_status {
    CLI_DONE = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,     /* the command line is wrong */
    CLI_BAD_DATA = 3,  /* an input file breaks the rules of its format */
    CLI_BAD_MODEL = 4, /* a model file is damaged, or written by something else */
    CLI_IO = 5,        /* a file or stream could not be opened, read or written */
    CLI_INTERRUPTED = 130
} cli_status;

/* One a command: argv[0] is the command's own word ("train", "trace"), the result a cli_status. */
int cli_train(int argc, char **argv);
int cli_tune(int argc, char **argv);
int cli_blend(int argc, char **argv);
int cli_evaluate(int argc, char **argv);
int cli_validate(int argc, char **argv);
int cli_split(int argc, char **argv);
int cli_predict(int argc, char **argv);
int cli_recommend(int argc, char **argv);
int cli_similar(int argc, char **argv);
int cli_explain(int argc, char **argv);
int cli_inspect(int argc, char **argv);
int cli_demo(int argc, char **argv);
int cli_net_fit(int argc, char **argv);
int cli_net_predict(int argc, char **argv);
int cli_net_evaluate(int argc, char **argv);
int cli_net_check(int argc, char **argv);
int cli_net_trace(int argc, char **argv);
int cli_net_scan(int argc, char **argv);
int cli_completion(int argc, char **argv);

#endif
