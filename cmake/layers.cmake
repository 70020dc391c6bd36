# The direction of the includes, checked in every build: a wrong arrow fails it.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
file(
  GLOB_RECURSE DESCENT_LAYERED_FILES CONFIGURE_DEPENDS
  include/*.h src/*.[ch] src/*.inc cli/*.[ch] cli/*.in bench/*.[ch] examples/*.[ch])
set(layers_script ${CMAKE_SOURCE_DIR}/tools/check_layers.py)
set(layers_stamp ${CMAKE_BINARY_DIR}/layers.stamp)
add_custom_command(
  OUTPUT ${layers_stamp}
  COMMAND ${Python3_EXECUTABLE} ${layers_script}
  COMMAND ${CMAKE_COMMAND} -E touch ${layers_stamp}
  DEPENDS ${layers_script} ${DESCENT_LAYERED_FILES}
  COMMENT "Checking the direction of the includes"
  VERBATIM)
add_custom_target(layers ALL DEPENDS ${layers_stamp})
