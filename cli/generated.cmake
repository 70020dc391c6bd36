# What is made of the commands' tables: the man pages and the completion scripts.
#
# The pages are not listed here: a new command brings its own. A cross build without an emulator
# cannot run the makers, and goes without.
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  message(STATUS "No man pages and completion scripts: they are made by running the program")
  return()
endif()

add_executable(descent-manual manual.c)
target_link_libraries(descent-manual PRIVATE descent-commands)

# The day on the pages is the build's, or SOURCE_DATE_EPOCH's, which makes builds repeatable.
string(TIMESTAMP manual_date "%B %d, %Y" UTC)
string(REGEX REPLACE " 0" " " manual_date "${manual_date}")
set(manual_texts ${CMAKE_SOURCE_DIR}/docs/man)
file(GLOB manual_written CONFIGURE_DEPENDS ${manual_texts}/*.mdoc)
set(manual_folder ${CMAKE_BINARY_DIR}/man/man1)
set(manual_stamp ${CMAKE_BINARY_DIR}/man.stamp)
add_custom_command(
  OUTPUT ${manual_stamp}
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${manual_folder}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${manual_folder}
  COMMAND descent-manual ${manual_folder} ${manual_texts} ${manual_date}
  COMMAND ${CMAKE_COMMAND} -E touch ${manual_stamp}
  DEPENDS descent-manual ${manual_written}
  COMMENT "Writing the man pages"
  VERBATIM)

set(completion_folder ${CMAKE_BINARY_DIR}/completion)
set(completion_files "")
# Named as each shell looks for it.
foreach(pair bash:descent zsh:_descent fish:descent.fish)
  string(REPLACE ":" ";" pair ${pair})
  list(GET pair 0 shell)
  list(GET pair 1 name)
  set(file ${completion_folder}/${shell}/${name})
  add_custom_command(
    OUTPUT ${file}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${completion_folder}/${shell}
    COMMAND descent-cli completion ${shell} > ${file}
    DEPENDS descent-cli
    COMMENT "Writing the completion script for ${shell}"
    VERBATIM)
  list(APPEND completion_files ${file})
endforeach()

add_custom_target(generated ALL DEPENDS ${manual_stamp} ${completion_files})

install(DIRECTORY ${manual_folder}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${completion_folder}/bash/descent
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${completion_folder}/zsh/_descent
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${completion_folder}/fish/descent.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
