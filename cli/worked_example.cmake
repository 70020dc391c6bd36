# Makes a C string of examples/worked-example.json, so that there is only one copy to keep right.
# Sets WORKED_EXAMPLE_SOURCE, the file to compile.
set(WORKED_EXAMPLE_JSON ${CMAKE_SOURCE_DIR}/examples/worked-example.json)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${WORKED_EXAMPLE_JSON})
file(READ ${WORKED_EXAMPLE_JSON} WORKED_EXAMPLE)
string(REPLACE "\\" "\\\\" WORKED_EXAMPLE "${WORKED_EXAMPLE}")
string(REPLACE "\"" "\\\"" WORKED_EXAMPLE "${WORKED_EXAMPLE}")
string(REPLACE "\n" "\\n\"\n    \"" WORKED_EXAMPLE "${WORKED_EXAMPLE}")
set(WORKED_EXAMPLE_SOURCE ${CMAKE_CURRENT_BINARY_DIR}/worked_example.c)
configure_file(worked_example.c.in ${WORKED_EXAMPLE_SOURCE} @ONLY)
