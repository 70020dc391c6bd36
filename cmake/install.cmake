# What `make install` installs: program, man pages, completion, shared and static library, headers,
# pkg-config file, CMake package, documents.
install(TARGETS descent-cli RUNTIME)
install(TARGETS descent-shared EXPORT descent-shared LIBRARY)
install(TARGETS descent EXPORT descent-static ARCHIVE)
install(DIRECTORY include/descent TYPE INCLUDE FILES_MATCHING PATTERN "*.h")
install(FILES README.md LICENSE CHANGELOG.md TYPE DOC)

# The .pc file finds its prefix from where it lies, so that an installed tree can be moved.
set(descent_pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH DESCENT_PC_TO_PREFIX /${descent_pc_dir} /)
string(REGEX REPLACE "/$" "" DESCENT_PC_TO_PREFIX "${DESCENT_PC_TO_PREFIX}")
configure_file(cmake/descent.pc.in descent.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/descent.pc DESTINATION ${descent_pc_dir})

# The CMake package: descent::descent is the shared library, descent::static the static one.
include(CMakePackageConfigHelpers)
set(descent_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/descent)
set_target_properties(descent PROPERTIES EXPORT_NAME static)
install(EXPORT descent-shared NAMESPACE descent:: DESTINATION ${descent_cmake_dir})
install(EXPORT descent-static NAMESPACE descent:: DESTINATION ${descent_cmake_dir})
configure_package_config_file(cmake/descent-config.cmake.in descent-config.cmake
                              INSTALL_DESTINATION ${descent_cmake_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/descent-config-version.cmake
                                 COMPATIBILITY ${DESCENT_COMPATIBILITY})
install(FILES ${CMAKE_BINARY_DIR}/descent-config.cmake
              ${CMAKE_BINARY_DIR}/descent-config-version.cmake DESTINATION ${descent_cmake_dir})
