# The shared library, from the objects of the static one: every source is compiled once.
#
# A version script says what it exports, not a macro at each declaration: the script is made from
# include/descent, so that the headers stay plain, a new function is exported by being declared, and
# what the parts of the library share among themselves (dsc_fail, say) stays inside.
set(public_symbols ${CMAKE_SOURCE_DIR}/tools/public_symbols.py)
file(GLOB DESCENT_PUBLIC_HEADERS CONFIGURE_DEPENDS include/descent/*.h)

# The number that programs are bound to. By semantic versioning a minor version may change
# interfaces before 1.0, so that 0.1 and 0.2 must not be taken for each other: libdescent.so.0.1.
# From 1.0 on the major version alone tells interfaces apart.
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(DESCENT_SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  set(DESCENT_COMPATIBILITY SameMinorVersion)
else()
  set(DESCENT_SOVERSION ${PROJECT_VERSION_MAJOR})
  set(DESCENT_COMPATIBILITY SameMajorVersion)
endif()

set(version_script ${CMAKE_BINARY_DIR}/descent.map)
add_custom_command(
  OUTPUT ${version_script}
  COMMAND ${Python3_EXECUTABLE} ${public_symbols} --map DESCENT_${DESCENT_SOVERSION}
          ${DESCENT_PUBLIC_HEADERS} > ${version_script}
  DEPENDS ${public_symbols} ${DESCENT_PUBLIC_HEADERS}
  COMMENT "Listing the public functions"
  VERBATIM)
add_custom_target(version-script DEPENDS ${version_script})

add_library(descent-shared SHARED $<TARGET_OBJECTS:descent>)
add_dependencies(descent-shared version-script)
set_target_properties(
  descent-shared
  PROPERTIES OUTPUT_NAME descent
             EXPORT_NAME descent
             VERSION ${PROJECT_VERSION}
             SOVERSION ${DESCENT_SOVERSION}
             LINKER_LANGUAGE C
             LINK_DEPENDS ${version_script})
target_include_directories(
  descent-shared INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>
                           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
get_target_property(descent_libraries descent LINK_LIBRARIES)
target_link_libraries(descent-shared PRIVATE ${descent_libraries})
target_link_options(descent-shared PRIVATE -Wl,--version-script=${version_script})
# Every symbol is found inside or in a library that is named. The sanitizers' are in the program.
if(NOT DESCENT_SANITIZE)
  target_link_options(descent-shared PRIVATE -Wl,-z,defs)
endif()
