# DESCENT_SANITIZE: a list for -fsanitize=, such as "address,undefined" or "thread".
set(DESCENT_SANITIZE "" CACHE STRING "Sanitizers to build with, for -fsanitize=")
set(DESCENT_SANITIZERS "")
if(DESCENT_SANITIZE)
  set(DESCENT_SANITIZERS -fsanitize=${DESCENT_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize-recover=all)
endif()
