# What `make install` installs: program, static library, headers, pkg-config file, documents.
install(TARGETS descent ARCHIVE)
install(TARGETS descent-cli RUNTIME)
install(DIRECTORY include/descent TYPE INCLUDE FILES_MATCHING PATTERN "*.h")
install(FILES README.md LICENSE CHANGELOG.md TYPE DOC)

# The .pc file finds its prefix from where it lies, so that an installed tree can be moved.
set(descent_pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH DESCENT_PC_TO_PREFIX /${descent_pc_dir} /)
string(REGEX REPLACE "/$" "" DESCENT_PC_TO_PREFIX "${DESCENT_PC_TO_PREFIX}")
configure_file(cmake/descent.pc.in descent.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/descent.pc DESTINATION ${descent_pc_dir})
