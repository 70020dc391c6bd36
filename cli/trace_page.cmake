# Makes one page of the files in web/trace/, as C strings: styles and modules go into page.html.
# Sets TRACE_PAGE_SOURCE, the file to compile.
#
# The modules become one script, in this order, each after those that it imports: "import" lines are
# left out and so is the word "export", hence every name is used in one module only.
set(trace_page_folder ${CMAKE_SOURCE_DIR}/web/trace)
set(trace_page_styles colours.css page.css map.css matrix.css)
set(trace_page_modules
    matrix.js say.js special.js norms.js normalisation.js activations.js losses.js network.js run.js
    numbers.js outcome.js places.js recipes.js elements.js matrix_view.js map_view.js value_view.js
    print_view.js main.js)

# Reads web/trace/NAME into a variable; a change of the file configures anew.
macro(trace_page_read name variable)
  file(READ ${trace_page_folder}/${name} ${variable})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${trace_page_folder}/${name})
endmacro()

# The lines of a text as the elements of an array of C strings; "?" is escaped for "??=", a trigraph.
function(trace_page_c_strings variable text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "?" "\\?" text "${text}")
  string(REPLACE "\n" "\\n\",\n    \"" text "${text}")
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

set(trace_page_style "")
foreach(name ${trace_page_styles})
  trace_page_read(${name} trace_page_text)
  string(APPEND trace_page_style "${trace_page_text}")
endforeach()

set(trace_page_script "")
foreach(name ${trace_page_modules})
  trace_page_read(${name} trace_page_text)
  string(REGEX REPLACE "\nimport [^;]*;" "" trace_page_text "${trace_page_text}")
  string(REPLACE "\nexport " "\n" trace_page_text "${trace_page_text}")
  string(APPEND trace_page_script "${trace_page_text}")
endforeach()

trace_page_read(page.html trace_page_text)
string(REPLACE "/* style */" "${trace_page_style}" trace_page_text "${trace_page_text}")
string(REPLACE "/* script */" "${trace_page_script}" trace_page_text "${trace_page_text}")
string(FIND "${trace_page_text}" "/* data */" trace_page_cut)
string(SUBSTRING "${trace_page_text}" 0 ${trace_page_cut} TRACE_PAGE_HEAD)
math(EXPR trace_page_cut "${trace_page_cut} + 10")
string(SUBSTRING "${trace_page_text}" ${trace_page_cut} -1 TRACE_PAGE_TAIL)
trace_page_c_strings(TRACE_PAGE_HEAD "${TRACE_PAGE_HEAD}")
trace_page_c_strings(TRACE_PAGE_TAIL "${TRACE_PAGE_TAIL}")
set(TRACE_PAGE_SOURCE ${CMAKE_CURRENT_BINARY_DIR}/trace_page.c)
configure_file(trace_page.c.in ${TRACE_PAGE_SOURCE} @ONLY)
