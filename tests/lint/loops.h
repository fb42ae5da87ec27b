/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For cppcheck alone, which does not read libmnl's headers and so does not know its loops.
 */
#define mnl_attr_for_each(attribute, message, offset)                     \
	for ((attribute) = mnl_nlmsg_get_payload_offset(message, offset); \
	     mnl_attr_ok(attribute, 1); (attribute) = mnl_attr_next(attribute))
#define mnl_attr_for_each_nested(attribute, nest)                                 \
	for ((attribute) = mnl_attr_get_payload(nest); mnl_attr_ok(attribute, 1); \
	     (attribute) = mnl_attr_next(attribute))
