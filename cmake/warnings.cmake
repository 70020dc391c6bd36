# The warning set of the project; DESCENT_WERROR (on in CI) turns warnings into errors.
option(DESCENT_WERROR "Treat warnings as errors" OFF)
set(DESCENT_WARNINGS
    -Wall
    -Wextra
    -Wpedantic
    -Wshadow
    -Wconversion
    -Wsign-conversion
    -Wstrict-prototypes
    -Wmissing-prototypes
    -Wold-style-definition
    -Wpointer-arith
    -Wcast-qual
    -Wcast-align
    -Wwrite-strings
    -Wformat=2
    -Wundef
    -Wvla
    -Wswitch-enum
    -Wnull-dereference)
# Members left out of an initialiser are 0, which is the documented default of every config struct.
list(APPEND DESCENT_WARNINGS -Wno-missing-field-initializers)
# clang takes the constants INFINITY and NAN, floats by the standard, for promotions: gcc alone holds
# this rule.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  list(APPEND DESCENT_WARNINGS -Wdouble-promotion)
endif()
if(DESCENT_WERROR)
  list(APPEND DESCENT_WARNINGS -Werror)
endif()
